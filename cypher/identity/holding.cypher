// The accepted evidence that holds customers together, of those with two or more identifiers beside some kinds.
// Parameters: ids, beside (kinds that do not count). Columns: customer id, link id, keys and kinds of its ends
// (from key, to key, from kind, to kind), method, rule, probability.
UNWIND $ids AS id
MATCH (c:Customer {id: id})
WHERE COUNT { (c)<-[:IDENTIFIES]-(i:Identifier) WHERE NOT i.kind IN $beside } > 1
MATCH (c)<-[:IDENTIFIES]-(a:Identifier)-[l:LINKED_TO]->(b:Identifier)
WHERE coalesce(l.active, true)
RETURN collect([id, l.id, a.key, b.key, a.kind, b.kind, l.method, l.rule, l.probability])
