// Enters what happened to who is who, at the customers' own identifiers. Parameters: rows (concerns: keys, properties).
UNWIND $rows AS row
CREATE (e:IdentityEvent)
SET e = row.properties
WITH e, row
UNWIND row.concerns AS key
MATCH (o:Identifier {key: key})
CREATE (e)-[:CONCERNS]->(o)
