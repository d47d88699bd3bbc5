// Fragment: a page of a customer's tickets, newest first. From c to e. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:OPENED]->(e:Ticket)
WHERE e.position < $before
WITH e ORDER BY e.position DESC LIMIT $limit
