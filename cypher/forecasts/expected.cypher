// Deals with ids from one to another that are open and expected in a range of days, or won in a range of time. Parameters: first,
// last (ids), pipelineId (null: any), from, to (days), closedFrom, closedBefore (epoch ms). Columns: whether it is won, stageId,
// amount, currency, owner, forecastCategory, expectedCloseOn, closedAt.
MATCH (d:Deal)
USING INDEX d:Deal(id)
WHERE d.id >= $first AND d.id <= $last AND ($pipelineId IS NULL OR d.pipelineId = $pipelineId)
  AND ((d.state = 'OPEN' AND d.expectedCloseOn >= $from AND d.expectedCloseOn < $to)
    OR (d.state = 'WON' AND d.closedAt >= $closedFrom AND d.closedAt < $closedBefore))
RETURN collect([d.state = 'WON', d.stageId, d.amount, d.currency, d.owner, d.forecastCategory, d.expectedCloseOn, d.closedAt])
