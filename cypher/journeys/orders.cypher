// Orders of customers, cancelled and returned ones left out. Parameters: ids (the customers'), from, before (epoch ms).
// Columns: customer's place in ids, time (epoch ms), position, channel, total, currency.
UNWIND range(0, size($ids) - 1) AS n
MATCH (c:Customer {id: $ids[n]})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:PLACED]->(o:Order)
WHERE o.occurredAt >= $from AND o.occurredAt < $before AND NOT o.status IN ['CANCELLED', 'RETURNED']
RETURN collect([n, o.occurredAt, o.position, o.channel, o.total, o.currency])
