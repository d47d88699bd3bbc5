// Fragment: all leads of a customer, the oldest first. From c to l.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:ASKED]->(l:Lead)
WITH l ORDER BY l.position
