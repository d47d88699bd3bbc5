// Fragment: the account of a customer: the latest by hand, else that of the latest address at a company's domain. From c to a. Parameters: limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
WHERE i.kind = 'customer' OR i.kind = 'email'
OPTIONAL MATCH (i)-[b:BELONGS_TO]->(x:Account)
WITH i, b, x, split(i.domainPlace, ' ')[0] AS e
OPTIONAL MATCH (y:Account {domain: coalesce(e, '')})
WITH coalesce(x, y) AS a, CASE WHEN x IS NULL THEN '0' + i.id ELSE '1' + b.position END AS p
WHERE a IS NOT NULL
WITH a, p ORDER BY p DESC LIMIT $limit
