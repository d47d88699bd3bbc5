// Places of a pipeline's deals of one state in their order, between two. Parameters: after, before (places), limit. Columns: place.
// The order is that of the index, as in places_in_pipeline.cypher.
MATCH (d:Deal)
USING INDEX d:Deal(pipelineStatePosition)
WHERE d.pipelineStatePosition > $after AND d.pipelineStatePosition < $before
WITH d LIMIT $limit
RETURN collect([d.pipelineStatePosition])
