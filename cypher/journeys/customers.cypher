// Ids of customers in their order, behind one. Parameters: after, limit. Columns: id.
// The order is that of the index: an ORDER BY would make the embedded engine sort all that are left for each page.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id > $after
WITH c LIMIT $limit
RETURN collect([c.id])
