// The next identifiers by key. Parameters: after, before, limit. Columns: key.
// Without ORDER BY, for which the embedded engine would read all that follow: it reads the index in order.
MATCH (i:Identifier)
WHERE i.key > $after AND i.key < $before
WITH i.key AS key LIMIT $limit
RETURN collect([key])
