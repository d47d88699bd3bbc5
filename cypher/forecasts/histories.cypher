// Moves of a pipeline's deals with places from one to another, those closed for good before a time left out. Parameters: first, last
// (places), from (epoch ms). Columns: createdAt, amount, currency, lostReason, moves ([position, occurredAt, fromStageId, toStageId,
// millisInStage, lostReason], in no order).
// Without a label for the moves: to look at it takes the embedded engine longer than all the rest.
MATCH (d:Deal)
USING INDEX d:Deal(pipelinePosition)
WHERE d.pipelinePosition >= $first AND d.pipelinePosition <= $last AND (d.state = 'OPEN' OR d.closedAt >= $from)
MATCH (d)-[:MOVED]->(m)
WITH d, collect([m.position, m.occurredAt, m.fromStageId, m.toStageId, m.millisInStage, m.lostReason]) AS moves
RETURN collect([d.createdAt, d.amount, d.currency, d.lostReason, moves])
