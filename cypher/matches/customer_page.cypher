// The next customers by id. Parameters: after (id), limit. Columns: id, state, how many golden values.
// Without ORDER BY, for which the embedded engine would read all that follow: it reads the index in order.
MATCH (c:Customer)
WHERE c.id > $after
WITH c LIMIT $limit
RETURN collect([c.id, c.state, size(coalesce(c.attributeKeys, []))])
