// Hangs orders on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Order {id: row.id})<-[r:PLACED]-(:Identifier)
CREATE (i)-[:PLACED]->(f)
SET f.identifierKey = row.key
DELETE r
