// Fragment: a page of a customer's tasks, newest first. From c to t. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:HAS_TASK]->(t:Task)
WHERE t.position < $before
WITH t ORDER BY t.position DESC LIMIT $limit
