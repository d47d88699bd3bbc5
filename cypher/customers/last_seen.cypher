// Fragment: a page of customers, the last last seen first. Parameters: before, from (positions), state,
// attributeKey, identifierKind, hasOpenDeal, ordersAtLeast (each null: any), limit. To c.
MATCH (c:Customer)
WHERE c.lastSeenPosition >= $from AND c.lastSeenPosition < $before
  AND ($state IS NULL OR c.state = $state)
  AND ($attributeKey IS NULL OR $attributeKey IN c.attributeKeys)
  AND ($identifierKind IS NULL OR EXISTS { (c)<-[:IDENTIFIES]-(:Identifier {kind: $identifierKind}) })
  AND ($hasOpenDeal IS NULL
       OR EXISTS { (c)<-[:IDENTIFIES]-(:Identifier)-[:NEGOTIATES]->(:Deal {state: 'OPEN'}) } = $hasOpenDeal)
  AND ($ordersAtLeast IS NULL
       OR COUNT { (c)<-[:IDENTIFIES]-(:Identifier)-[:PLACED]->(o:Order)
                  WHERE NOT o.status IN ['CANCELLED', 'RETURNED'] } >= $ordersAtLeast)
WITH c ORDER BY c.lastSeenPosition DESC LIMIT $limit
