// What touchpoints of the customers with ids from one to another say. Parameters: first, last (ids).
// Columns: type, channel, campaign's name, source and medium.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id >= $first AND c.id <= $last
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WITH DISTINCT t.type AS y, t.channel AS h, t.campaignName AS n, t.campaignSource AS s, t.campaignMedium AS m
RETURN collect([y, h, n, s, m])
