// Hangs leads on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Lead {id: row.id})<-[r:ASKED]-(:Identifier)
CREATE (i)-[:ASKED]->(f)
SET f.identifierKey = row.key
DELETE r
