// The next touchpoints by id, each with what it hangs on. Parameters: after (id), limit.
// Columns: id, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (t:Touchpoint)
WHERE t.id > $after
WITH t LIMIT $limit
WITH t, COLLECT { MATCH (t)<-[:MADE]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([t.id, t.identifierKey, keys])
