// Fragment: the ids that a customer was under before merges, oldest first. From c. Values: x.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier {kind: 'customer'})
WHERE i.value <> c.id
WITH i.value AS x ORDER BY x
