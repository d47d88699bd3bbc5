// Moves of deals within a time. Parameters: deals (ids), from, before (epoch ms).
// Columns: deal's place in deals, time (epoch ms), position, id of the stage that was entered.
UNWIND range(0, size($deals) - 1) AS n
MATCH (d:Deal {id: $deals[n]})
MATCH (d)-[:MOVED]->(m:DealStageChange)
WHERE m.occurredAt >= $from AND m.occurredAt < $before
RETURN collect([n, m.occurredAt, m.position, m.toStageId])
