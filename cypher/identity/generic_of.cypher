// Identifiers that identify nobody. Parameters: keys. Columns: id, key, kind, value, firstSeenAt, lastSeenAt.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
WHERE i.generic
RETURN collect([i.id, i.key, i.kind, i.value, i.firstSeenAt, i.lastSeenAt])
