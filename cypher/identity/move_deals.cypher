// Hangs deals on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Deal {id: row.id})<-[r:NEGOTIATES]-(:Identifier)
CREATE (i)-[:NEGOTIATES]->(f)
SET f.identifierKey = row.key
DELETE r
