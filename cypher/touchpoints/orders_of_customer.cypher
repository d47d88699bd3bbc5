// Fragment: a page of a customer's orders, newest first. From c to o. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:PLACED]->(o:Order)
WHERE o.position < $before
WITH o ORDER BY o.position DESC LIMIT $limit
