// What is known of identifiers and whom they identify. Parameters: keys.
// Columns: identifier id, key, kind, value, rawValue, customer id, identifier firstSeenAt, lastSeenAt, generic,
// customer state, version, createdAt, updatedAt, firstSeenAt, lastSeenAt (times in epoch ms; the customer's null if generic).
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
OPTIONAL MATCH (i)-[:IDENTIFIES]->(c:Customer)
RETURN collect([i.id, i.key, i.kind, i.value, i.rawValue, c.id, i.firstSeenAt, i.lastSeenAt, i.generic,
       c.state, c.version, c.createdAt, c.updatedAt, c.firstSeenAt, c.lastSeenAt])
