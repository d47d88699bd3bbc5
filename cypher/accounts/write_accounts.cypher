// Makes accounts, or changes their properties. Parameters: rows (id, properties).
UNWIND $rows AS row
MERGE (a:Account {id: row.id})
SET a += row.properties
