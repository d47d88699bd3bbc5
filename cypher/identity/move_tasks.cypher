// Hangs tasks on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Task {id: row.id})<-[r:HAS_TASK]-(:Identifier)
CREATE (i)-[:HAS_TASK]->(f)
SET f.identifierKey = row.key
DELETE r
