// The customers that identifiers identify. Parameters: keys.
// Columns: key, id, state, displayName, version, createdAt, updatedAt, firstSeenAt, lastSeenAt (epoch ms).
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
RETURN collect([key, c.id, c.state, c.displayName, c.version, c.createdAt, c.updatedAt, c.firstSeenAt, c.lastSeenAt])
