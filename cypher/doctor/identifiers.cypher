// The next identifiers by key, each with whom it identifies. Parameters: after (key), limit.
// Columns: key, id, whether it is generic, ids of the customers.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (i:Identifier)
WHERE i.key > $after
WITH i LIMIT $limit
WITH i, COLLECT { MATCH (i)-[:IDENTIFIES]->(c:Customer) RETURN c.id } AS customers
RETURN collect([i.key, i.id, coalesce(i.generic, false), customers])
