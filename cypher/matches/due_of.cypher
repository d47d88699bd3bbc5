// Whom identifiers identify, and whether their records are to be matched still. Parameters: keys. Columns: key, customer id, mark.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
RETURN collect([key, c.id, c.matchDue])
