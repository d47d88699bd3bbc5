// Touchpoints of customers, those alike together. Parameters: ids (the customers'), from, before (epoch ms).
// Columns: type, channel, direction, and of all such touchpoints the customers' places in ids and the times (epoch ms).
UNWIND range(0, size($ids) - 1) AS n
MATCH (c:Customer {id: $ids[n]})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WHERE t.occurredAt >= $from AND t.occurredAt < $before
WITH t.type AS y, t.channel AS h, t.direction AS d, collect(n) AS customers, collect(t.occurredAt) AS times
RETURN collect([y, h, d, customers, times])
