// Moves of deals of customers. Parameters: ids (the customers'), from, before (epoch ms).
// Columns: customer's place in ids, time (epoch ms), position, id of the stage that was entered.
UNWIND range(0, size($ids) - 1) AS n
MATCH (c:Customer {id: $ids[n]})
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(:Deal)-[:MOVED]->(m:DealStageChange)
WHERE m.occurredAt >= $from AND m.occurredAt < $before
RETURN collect([n, m.occurredAt, m.position, m.toStageId])
