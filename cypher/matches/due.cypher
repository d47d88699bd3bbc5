// Customers whose records are to be matched, by mark. Parameters: after (a mark), limit. Columns: id, mark.
// Without ORDER BY, for which the embedded engine would read all that follow: it reads the index in order.
MATCH (c:Customer)
WHERE c.matchDue > $after
WITH c LIMIT $limit
RETURN collect([c.id, c.matchDue])
