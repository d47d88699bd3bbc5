// Touchpoints of the customers with ids from one to another, those alike together. Parameters: first, last (ids), from, before
// (positions). Columns: type, channel, direction, and of all such touchpoints the customers' ids and the positions.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id >= $first AND c.id <= $last
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WHERE t.position >= $from AND t.position < $before
WITH t.type AS y, t.channel AS h, t.direction AS d, collect(c.id) AS customers, collect(t.position) AS positions
RETURN collect([y, h, d, customers, positions])
