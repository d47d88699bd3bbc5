// The next changes of stage by id, each with the deal whose it is. Parameters: after (id), limit.
// Columns: id, id of the deal that it should be of, ids of those that it is of.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (s:DealStageChange)
WHERE s.id > $after
WITH s LIMIT $limit
WITH s, COLLECT { MATCH (s)<-[:MOVED]-(d:Deal) RETURN d.id } AS deals
RETURN collect([s.id, s.dealId, deals])
