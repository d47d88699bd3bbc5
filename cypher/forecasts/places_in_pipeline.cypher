// Places of a pipeline's deals in their order, between two. Parameters: after, before (places), limit. Columns: place.
// The order is that of the index: an ORDER BY would make the embedded engine sort all that are left for each page.
MATCH (d:Deal)
USING INDEX d:Deal(pipelinePosition)
WHERE d.pipelinePosition > $after AND d.pipelinePosition < $before
WITH d LIMIT $limit
RETURN collect([d.pipelinePosition])
