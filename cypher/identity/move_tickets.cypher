// Hangs tickets on other identifiers. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (f:Ticket {id: row.id})<-[r:OPENED]-(:Identifier)
CREATE (i)-[:OPENED]->(f)
SET f.identifierKey = row.key
DELETE r
