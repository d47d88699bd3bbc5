// Fragment: a page of the notes on a lead, a deal or a ticket, newest first. From s to n. Parameters: before (position), limit.
MATCH (s)-[:HAS_NOTE]->(n:Note)
WHERE n.position < $before
WITH n ORDER BY n.position DESC LIMIT $limit
