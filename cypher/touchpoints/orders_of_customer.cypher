// Fragment: a page of a customer's orders, newest first. From c to o. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:PLACED]->(o:Order)
  WHERE o.position < $before
  RETURN o
  ORDER BY o.position DESC
  LIMIT $limit
}
WITH o ORDER BY o.position DESC LIMIT $limit
