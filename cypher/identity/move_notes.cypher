// Hangs notes on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Note {id: row.id})<-[r:HAS_NOTE]-(:Identifier)
CREATE (i)-[:HAS_NOTE]->(f)
SET f.identifierKey = row.key
DELETE r
