// Ids of deals in their order, behind one. Parameters: after, limit. Columns: id.
// The order is that of the index: an ORDER BY would make the embedded engine sort all that are left for each page.
MATCH (d:Deal)
USING INDEX d:Deal(id)
WHERE d.id > $after
WITH d LIMIT $limit
RETURN collect([d.id])
