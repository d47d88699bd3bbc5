// Orders of customers within a time, and their deals. Parameters: ids (the customers'), from, before (epoch ms).
// Columns: customer's place in ids; of an order time (epoch ms), position, channel, total, status; currency; of a deal id, state,
// when it was closed (epoch ms), amount.
// Together: to go from customers to their identifiers is what takes the time, and hardly any of them has either.
UNWIND range(0, size($ids) - 1) AS n
MATCH (c:Customer {id: $ids[n]})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:PLACED|NEGOTIATES]->(x)
WHERE x.occurredAt IS NULL OR (x.occurredAt >= $from AND x.occurredAt < $before)
RETURN collect([n, x.occurredAt, x.position, x.channel, x.total, x.status, x.currency, x.id, x.state, x.closedAt, x.amount])
