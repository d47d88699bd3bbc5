// What a change of deals must know. Parameters: ids. Columns: id, identifierKey, pipelineId, stageId, state, version, enteredStageAt.
UNWIND $ids AS id
MATCH (d:Deal {id: id})
RETURN collect([d.id, d.identifierKey, d.pipelineId, d.stageId, d.state, d.version, d.enteredStageAt])
