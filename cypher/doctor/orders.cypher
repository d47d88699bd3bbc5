// The next orders by id, each with what it hangs on. Parameters: after (id), limit.
// Columns: id, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (o:Order)
WHERE o.id > $after
WITH o LIMIT $limit
WITH o, COLLECT { MATCH (o)<-[:PLACED]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([o.id, o.identifierKey, keys])
