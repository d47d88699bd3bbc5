// Moves of a pipeline's deals with ids from one to another, those closed for good before a time left out. Parameters: first, last
// (ids), pipelineId, from (epoch ms). Columns: createdAt, amount, currency, lostReason, moves ([position, occurredAt, fromStageId,
// toStageId, millisInStage, lostReason], in no order).
// Without a label for the moves: to look at it takes the embedded engine longer than all the rest.
MATCH (d:Deal)
USING INDEX d:Deal(id)
WHERE d.id >= $first AND d.id <= $last AND d.pipelineId = $pipelineId AND (d.state = 'OPEN' OR d.closedAt >= $from)
MATCH (d)-[:MOVED]->(m)
WITH d, collect([m.position, m.occurredAt, m.fromStageId, m.toStageId, m.millisInStage, m.lostReason]) AS moves
RETURN collect([d.createdAt, d.amount, d.currency, d.lostReason, moves])
