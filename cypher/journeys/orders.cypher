// Orders of the customers with ids from one to another, cancelled and returned ones left out. Parameters: first, last (ids), from,
// before (positions). Columns: customer's id, position, channel, total, currency.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id >= $first AND c.id <= $last
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:PLACED]->(o:Order)
WHERE o.position >= $from AND o.position < $before AND NOT o.status IN ['CANCELLED', 'RETURNED']
RETURN collect([c.id, o.position, o.channel, o.total, o.currency])
