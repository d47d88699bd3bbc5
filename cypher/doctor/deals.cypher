// The next deals by id, each with what it hangs on. Parameters: after (id), limit.
// Columns: id, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (d:Deal)
WHERE d.id > $after
WITH d LIMIT $limit
WITH d, COLLECT { MATCH (d)<-[:NEGOTIATES]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([d.id, d.identifierKey, keys])
