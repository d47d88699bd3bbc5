// Fragment: who belongs to an account by hand, the latest first. From a. Parameters: before (position), limit.
// Values: c (customer id), p (position).
MATCH (a)<-[b:BELONGS_TO]-(i:Identifier)-[:IDENTIFIES]->(o:Customer)
WHERE b.position < $before
WITH o.id AS c, b.position AS p ORDER BY p DESC LIMIT $limit
