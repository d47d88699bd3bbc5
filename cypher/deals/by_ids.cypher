// Deals. Parameters: ids.
// Columns: id, identifierKey, title, amount, currency, pipelineId, stageId, state, lostReason, owner, source,
// expectedCloseOn, createdAt, closedAt, version, position.
UNWIND $ids AS id
MATCH (d:Deal {id: id})
RETURN collect([d.id, d.identifierKey, d.title, d.amount, d.currency, d.pipelineId, d.stageId, d.state, d.lostReason, d.owner, d.source, d.expectedCloseOn, d.createdAt, d.closedAt, d.version, d.position])
