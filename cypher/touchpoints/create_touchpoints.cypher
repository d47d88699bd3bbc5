// Writes touchpoints, each on the identifier that made it and its own message. Parameters: rows (properties).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
CREATE (i)-[:MADE]->(t:Touchpoint:Message)
SET t = row
