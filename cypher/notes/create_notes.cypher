// Writes notes, each on the identifier of what it was written on. Parameters: rows (properties).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
CREATE (i)-[:HAS_NOTE]->(n:Note)
SET n = row
