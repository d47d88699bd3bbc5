// Fragment: a page of the notes on a customer and on what is theirs, newest first. From c to n. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:HAS_NOTE]->(n:Note)
WHERE n.position < $before
WITH n ORDER BY n.position DESC LIMIT $limit
