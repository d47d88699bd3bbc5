// Whom identifiers identify. Parameters: keys. Columns: key, generic, customer id (null if generic).
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
OPTIONAL MATCH (i)-[:IDENTIFIES]->(c:Customer)
RETURN collect([i.key, i.generic, c.id])
