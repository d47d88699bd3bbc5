// Fragment: who has an address at a domain, the latest address first. To c, p (place). Parameters: from, before (places), limit.
MATCH (i:Identifier)
WHERE i.domainPlace >= $from AND i.domainPlace < $before
MATCH (i)-[:IDENTIFIES]->(o:Customer)
WITH o.id AS c, i.domainPlace AS p ORDER BY p DESC LIMIT $limit
