// Makes pipelines, or gives them other names. Parameters: rows (id, name, position).
UNWIND $rows AS row
MERGE (p:Pipeline {id: row.id})
SET p.name = row.name, p.position = row.position
