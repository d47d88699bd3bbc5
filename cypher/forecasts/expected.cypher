// Deals with places from one to another, all open or all won, that are expected in a range of days or were won in a range of time.
// Parameters: first, last (places), from, to (days), closedFrom, closedBefore (epoch ms). Columns: whether it is won, stageId, amount,
// currency, owner, forecastCategory, expectedCloseOn, closedAt.
MATCH (d:Deal)
USING INDEX d:Deal(pipelineStatePosition)
WHERE d.pipelineStatePosition >= $first AND d.pipelineStatePosition <= $last
  AND ((d.state = 'OPEN' AND d.expectedCloseOn >= $from AND d.expectedCloseOn < $to)
    OR (d.state = 'WON' AND d.closedAt >= $closedFrom AND d.closedAt < $closedBefore))
RETURN collect([d.state = 'WON', d.stageId, d.amount, d.currency, d.owner, d.forecastCategory, d.expectedCloseOn, d.closedAt])
