// Forbids that customers are merged, by their own identifiers. Parameters: rows (one, other, properties).
UNWIND $rows AS row
MATCH (a:Identifier {key: row.one})
MATCH (b:Identifier {key: row.other})
CREATE (a)-[n:NOT_SAME_AS]->(b)
SET n = row.properties
