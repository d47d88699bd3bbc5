// Identifiers by key. Parameters: keys. Columns as in of_customers.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
RETURN collect([i.id, i.kind, i.value, i.rawValue, i.firstSeenAt, i.lastSeenAt, i.generic, i.key])
