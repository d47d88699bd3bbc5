// Writes tickets, each on the identifier that names its customer. Parameters: rows (properties).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
CREATE (i)-[:OPENED]->(e:Ticket)
SET e = row
