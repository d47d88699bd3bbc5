// A page of the few deals that should be closed in some days, newest first. Parameters: first, end (the day after), before
// (position), pipelineId, stageId, state, owner (each null: any), limit. Columns: id.
MATCH (d:Deal)
WHERE d.expectedCloseOn >= $first AND d.expectedCloseOn < $end
WITH d
WHERE d.position < $before
  AND ($pipelineId IS NULL OR d.pipelineId = $pipelineId) AND ($stageId IS NULL OR d.stageId = $stageId)
  AND ($state IS NULL OR d.state = $state) AND ($owner IS NULL OR d.owner = $owner)
WITH d ORDER BY d.position DESC LIMIT $limit
RETURN collect([d.id])
