// Says whom identifiers identify. Parameters: rows (key, customerId).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (c:Customer {id: row.customerId})
CREATE (i)-[:IDENTIFIES]->(c)
