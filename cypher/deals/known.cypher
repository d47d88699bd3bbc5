// What a change of deals must know. Parameters: ids. Columns: id, identifierKey, position, pipelineId, stageId, state, version,
// enteredStageAt, closedAt, title, amount, currency, owner, expectedCloseOn, forecastCategory, lostReason, accountId.
UNWIND $ids AS id
MATCH (d:Deal {id: id})
RETURN collect([d.id, d.identifierKey, d.position, d.pipelineId, d.stageId, d.state, d.version,
       d.enteredStageAt, d.closedAt, d.title, d.amount, d.currency, d.owner, d.expectedCloseOn, d.forecastCategory,
       d.lostReason, d.accountId])
