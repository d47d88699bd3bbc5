// Makes identifiers with the labels Identifier, each of one customer. Parameters: rows (customerId, properties).
UNWIND $rows AS row
MATCH (c:Customer {id: row.customerId})
CREATE (i:Identifier)-[:IDENTIFIES]->(c)
SET i = row.properties
