// The next tickets by id, each with what it hangs on. Parameters: after (id), limit.
// Columns: id, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (e:Ticket)
WHERE e.id > $after
WITH e LIMIT $limit
WITH e, COLLECT { MATCH (e)<-[:OPENED]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([e.id, e.identifierKey, keys])
