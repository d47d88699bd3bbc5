// Whom identifiers identify. Parameters: keys. Columns: customer id, kind, value.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
RETURN collect([c.id, i.kind, i.value])
