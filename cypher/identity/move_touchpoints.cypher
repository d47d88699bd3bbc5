// Hangs touchpoints on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Touchpoint {id: row.id})<-[r:MADE]-(:Identifier)
CREATE (i)-[:MADE]->(f)
SET f.identifierKey = row.key
DELETE r
