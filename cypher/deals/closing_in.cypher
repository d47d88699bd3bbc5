// Fragment: a page of the deals that should be closed in some days of a month, newest first. To d. Parameters: from, before
// (places in the month's list), first, end (the day after), pipelineId, stageId, state (each null: any), limit.
MATCH (d:Deal)
USING INDEX d:Deal(LISTED)
WHERE d.LISTED >= $from AND d.LISTED < $before
WITH d
WHERE d.expectedCloseOn >= $first AND d.expectedCloseOn < $end
  AND ($pipelineId IS NULL OR d.pipelineId = $pipelineId) AND ($stageId IS NULL OR d.stageId = $stageId)
  AND ($state IS NULL OR d.state = $state)
WITH d ORDER BY d.LISTED DESC LIMIT $limit
