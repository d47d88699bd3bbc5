// The next notes by id, each with what it hangs on. Parameters: after (id), limit.
// Columns: id, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (n:Note)
WHERE n.id > $after
WITH n LIMIT $limit
WITH n, COLLECT { MATCH (n)<-[:HAS_NOTE]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([n.id, n.identifierKey, keys])
