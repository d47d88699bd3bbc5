// Fragment: a page of the tasks on a deal, newest first. From d to t. Parameters: before (position), limit.
MATCH (d)-[:HAS_TASK]->(t:Task)
WHERE t.position < $before
WITH t ORDER BY t.position DESC LIMIT $limit
