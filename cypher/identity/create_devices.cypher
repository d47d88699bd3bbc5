// Makes identifiers with the labels Device:Identifier, each of one customer. Parameters: rows (customerId, properties).
UNWIND $rows AS row
MATCH (c:Customer {id: row.customerId})
CREATE (i:Device:Identifier)-[:IDENTIFIES]->(c)
SET i = row.properties
