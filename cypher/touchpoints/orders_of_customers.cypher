// A page of orders of each customer, newest first. Parameters: ids, before (position), limit.
// Columns: customer id, orders (columns as in orders_by_ids).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:PLACED]->(o:Order)
  WHERE o.position < $before
  RETURN o
  ORDER BY o.position DESC
  LIMIT $limit
}
WITH id, o ORDER BY o.position DESC
WITH id, collect([o.id, o.orderNumber, o.status, o.total, o.currency, o.lines, o.coupons, o.paymentMethod, o.channel, o.occurredAt, o.identifierKey, o.position]) AS rows
RETURN collect([id, rows[0..$limit]])
