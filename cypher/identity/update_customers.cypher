// Brings customers up to date. Parameters: rows (id, properties).
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
SET c += row.properties
