// Fragment: a page of the few deals that are expected to be closed in a time, newest first. To d. Parameters: from, to (days, the
// last one left out), before (position), pipelineId, stageId, state, owner (each null: any), limit.
MATCH (d:Deal)
WHERE d.expectedCloseOn >= $from AND d.expectedCloseOn < $to
WITH d
WHERE d.position < $before
  AND ($pipelineId IS NULL OR d.pipelineId = $pipelineId) AND ($stageId IS NULL OR d.stageId = $stageId)
  AND ($state IS NULL OR d.state = $state) AND ($owner IS NULL OR d.owner = $owner)
WITH d ORDER BY d.position DESC LIMIT $limit
