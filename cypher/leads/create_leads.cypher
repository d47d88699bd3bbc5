// Writes leads, each its own message, on the strongest identifier that somebody asked with. Parameters: rows (properties).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
CREATE (i)-[:ASKED]->(l:Lead:Message)
SET l = row
