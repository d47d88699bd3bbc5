// Customers with all their identifiers. Parameters: keys (of any of their identifiers).
// Columns: identifier id, key, kind, value, firstSeenAt, lastSeenAt, pinned,
// customer id, state, version, createdAt, updatedAt, firstSeenAt, lastSeenAt.
UNWIND $keys AS key
MATCH (:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
WITH DISTINCT c
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
RETURN collect([i.id, i.key, i.kind, i.value, i.firstSeenAt, i.lastSeenAt, coalesce(i.pinned, false),
       c.id, c.state, c.version, c.createdAt, c.updatedAt, c.firstSeenAt, c.lastSeenAt])
