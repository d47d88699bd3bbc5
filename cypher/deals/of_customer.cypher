// Fragment: a page of a customer's deals, newest first. From c to d. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(d:Deal)
WHERE d.position < $before
WITH d ORDER BY d.position DESC LIMIT $limit
