// Fragment: the oldest lead of the same customer, as it is now, from so long before a lead that was open when that came.
// From l to o. Parameters: within (milliseconds), limit.
MATCH (l)<-[:ASKED]-(:Identifier)-[:IDENTIFIES]->(c:Customer)
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:ASKED]->(o:Lead)
WHERE o.position < l.position AND o.createdAt >= l.createdAt - $within
  AND (o.closedAt IS NULL OR o.closedAt > l.createdAt)
WITH o ORDER BY o.position LIMIT $limit
