// Writes orders, each on the identifier that placed it. Parameters: rows (properties).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
CREATE (i)-[:PLACED]->(o:Order)
SET o = row
