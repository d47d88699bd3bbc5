// Fragment: a page of a customer's leads, newest first. From c to l. Parameters: before (position), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:ASKED]->(l:Lead)
WHERE l.position < $before
WITH l ORDER BY l.position DESC LIMIT $limit
