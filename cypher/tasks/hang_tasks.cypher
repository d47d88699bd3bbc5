// Hangs tasks on the identifiers that name their customers. Parameters: rows (id, identifierKey).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
MATCH (t:Task {id: row.id})
CREATE (i)-[:HAS_TASK]->(t)
