// Touchpoints of customers at certain moments, each alone. Parameters: moments (maps of a customer's id and times, epoch ms), pages
// (texts that addresses of pages may contain).
// Columns: customer's place in moments, time (epoch ms), position, type, channel, direction, campaign's name, source and medium,
// pages (a 0 or 1 for each text).
UNWIND range(0, size($moments) - 1) AS n
WITH n, $moments[n] AS w
MATCH (c:Customer {id: w.id})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WHERE t.occurredAt IN w.times
WITH n, t, reduce(r = '', text IN $pages | r + CASE WHEN t.pageUrl CONTAINS text THEN '1' ELSE '0' END) AS p
RETURN collect([n, t.occurredAt, t.position, t.type, t.channel, t.direction,
  t.campaignName, t.campaignSource, t.campaignMedium, p])
