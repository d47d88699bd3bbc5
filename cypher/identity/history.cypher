// Fragment: a page of what happened to who a customer is, newest first. From c to h. Parameters: before (position), limit.
// That a customer was created is no event of its own: it is read of their own identifier.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier {kind: 'customer'})
CALL (i) {
  MATCH (i)<-[:CONCERNS]-(e:IdentityEvent)
  WHERE e.position < $before
  WITH e ORDER BY e.position DESC LIMIT $limit
  RETURN e AS h
  UNION ALL
  UNWIND CASE WHEN i.position < $before THEN [i] ELSE [] END AS o
  RETURN {id: 'iev_' + substring(o.value, 4), kind: 'CREATED', at: o.createdAt, position: o.position,
          reason: 'first seen', by: o.createdBy, customerIds: [o.value], messageId: o.createdMessageId,
          undone: FALSE} AS h
}
WITH DISTINCT h ORDER BY h.position DESC LIMIT $limit
