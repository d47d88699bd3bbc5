// A page of the deals that should be closed in some days of a month, newest first. Parameters: from, before (places in the month's
// list), first, end (the day after), pipelineId, stageId, state, owner (each null: any), limit. Columns: position, id.
MATCH (d:Deal)
WHERE d.closingPosition >= $from AND d.closingPosition < $before
  AND d.expectedCloseOn >= $first AND d.expectedCloseOn < $end
  AND ($pipelineId IS NULL OR d.pipelineId = $pipelineId) AND ($stageId IS NULL OR d.stageId = $stageId)
  AND ($state IS NULL OR d.state = $state) AND ($owner IS NULL OR d.owner = $owner)
WITH d ORDER BY d.closingPosition DESC LIMIT $limit
RETURN collect([d.position, d.id])
