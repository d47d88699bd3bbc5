// Touchpoints as in touchpoints.cypher, with their campaigns and pages. Parameters: first, last (ids), from, before
// (positions), pages (texts that addresses of pages may contain).
// Columns: type, channel, direction, campaign's name, source and medium, pages (a 0 or 1 for each text), and of all such
// touchpoints the customers' ids and the positions.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id >= $first AND c.id <= $last
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WHERE t.position >= $from AND t.position < $before
WITH t.type AS y, t.channel AS h, t.direction AS d, t.campaignName AS n, t.campaignSource AS s, t.campaignMedium AS m,
  reduce(x = '', text IN $pages | x + CASE WHEN t.pageUrl CONTAINS text THEN '1' ELSE '0' END) AS p,
  collect(c.id) AS customers, collect(t.position) AS positions
RETURN collect([y, h, d, n, s, m, p, customers, positions])
