// Deals that the customers with ids from one to another closed as won. Parameters: first, last (ids), from, before (epoch ms).
// Columns: customer's id, when it was closed (epoch ms), the deal's id, amount, currency.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id >= $first AND c.id <= $last
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(d:Deal {state: 'WON'})
WHERE d.closedAt >= $from AND d.closedAt < $before
RETURN collect([c.id, d.closedAt, d.id, d.amount, d.currency])
