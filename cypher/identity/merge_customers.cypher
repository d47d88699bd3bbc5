// Re-points all identifiers of one customer to another. Parameters: rows (from, to).
UNWIND $rows AS row
MATCH (old:Customer {id: row.from})<-[e:IDENTIFIES]-(i:Identifier)
MATCH (survivor:Customer {id: row.to})
CREATE (i)-[:IDENTIFIES]->(survivor)
DELETE e
