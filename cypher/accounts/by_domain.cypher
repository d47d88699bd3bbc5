// Fragment: who has an address at a domain, the latest address first. Parameters: from, before (places), limit.
// Values: c (customer id), p (place).
MATCH (i:Identifier)
WHERE i.domainPlace >= $from AND i.domainPlace < $before
MATCH (i)-[:IDENTIFIES]->(o:Customer)
WITH o.id AS c, i.domainPlace AS p ORDER BY p DESC LIMIT $limit
