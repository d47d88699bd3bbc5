// Changes stages. Parameters: rows (id, properties).
UNWIND $rows AS row
MATCH (s:Stage {id: row.id})
SET s += row.properties
