// Makes customers. Parameters: rows (id, properties).
UNWIND $rows AS row
CREATE (c:Customer)
SET c = row.properties
