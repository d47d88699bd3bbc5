// Deals that customers closed as won. Parameters: ids (the customers'), from, before (epoch ms).
// Columns: customer's place in ids, when it was closed (epoch ms), the deal's id, amount, currency.
UNWIND range(0, size($ids) - 1) AS n
MATCH (c:Customer {id: $ids[n]})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(d:Deal {state: 'WON'})
WHERE d.closedAt >= $from AND d.closedAt < $before
RETURN collect([n, d.closedAt, d.id, d.amount, d.currency])
