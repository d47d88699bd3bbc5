// Fragment: the account of a deal: its own, else that of its customer. From d to a. Parameters: limit.
MATCH (d)<-[:NEGOTIATES]-(:Identifier)-[:IDENTIFIES]->(c:Customer)
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
WHERE i.kind = 'customer' OR i.kind = 'email'
OPTIONAL MATCH (z:Account {id: coalesce(d.accountId, '')})
WITH i, z
OPTIONAL MATCH (i)-[b:BELONGS_TO]->(x:Account)
WITH i, z, b, x, split(i.domainPlace, ' ')[0] AS e
OPTIONAL MATCH (y:Account {domain: coalesce(e, '')})
WITH coalesce(z, x, y) AS a, CASE WHEN x IS NULL THEN '0' + i.id ELSE '1' + b.position END AS p
WHERE a IS NOT NULL
WITH a, p ORDER BY p DESC LIMIT $limit
