// What is known of identifiers and whom they identify. Parameters: keys.
// Columns: identifier id, key, kind, value, rawValue, customer id, identifier firstSeenAt, lastSeenAt,
// customer state, version, createdAt, updatedAt, firstSeenAt, lastSeenAt (times in epoch ms).
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
RETURN collect([i.id, i.key, i.kind, i.value, i.rawValue, c.id, i.firstSeenAt, i.lastSeenAt,
       c.state, c.version, c.createdAt, c.updatedAt, c.firstSeenAt, c.lastSeenAt])
