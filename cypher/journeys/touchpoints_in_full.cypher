// Touchpoints as in touchpoints.cypher, with their campaigns and pages. Parameters: ids (the customers'), from, before (epoch ms),
// pages (texts that addresses of pages may contain).
// Columns: type, channel, direction, campaign's name, source and medium, pages (a 0 or 1 for each text), and of all such
// touchpoints the customers' places in ids and the times (epoch ms).
UNWIND range(0, size($ids) - 1) AS n
MATCH (c:Customer {id: $ids[n]})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WHERE t.occurredAt >= $from AND t.occurredAt < $before
WITH n, t.occurredAt AS a, t.type AS y, t.channel AS h, t.direction AS d,
  t.campaignName AS x, t.campaignSource AS s, t.campaignMedium AS m,
  reduce(r = '', text IN $pages | r + CASE WHEN t.pageUrl CONTAINS text THEN '1' ELSE '0' END) AS p
WITH y, h, d, x, s, m, p, collect(n) AS customers, collect(a) AS times
RETURN collect([y, h, d, x, s, m, p, customers, times])
