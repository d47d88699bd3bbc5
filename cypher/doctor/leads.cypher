// The next leads by id, each with what it hangs on. Parameters: after (id), limit.
// Columns: id, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (l:Lead)
WHERE l.id > $after
WITH l LIMIT $limit
WITH l, COLLECT { MATCH (l)<-[:ASKED]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([l.id, l.identifierKey, keys])
