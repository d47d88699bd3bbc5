// Fragment: the accounts that a customer belongs to, and the place of each membership. From c. Values: a (account id), p (place).
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
WHERE i.kind = 'customer' OR i.kind = 'email'
OPTIONAL MATCH (i)-[b:BELONGS_TO]->(x:Account)
WITH i, b, x, split(i.domainPlace, ' ')[0] AS e
OPTIONAL MATCH (y:Account {domain: coalesce(e, '')})
WITH coalesce(x, y) AS o, CASE WHEN x IS NULL THEN '0' + i.id ELSE '1' + b.position END AS p
WHERE o IS NOT NULL
WITH o.id AS a, p
