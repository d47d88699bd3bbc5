// Moves of deals between stages. Parameters: ids.
// Columns: id, dealId, identifierKey, occurredAt, fromStageId, toStageId, by, millisInStage, position.
UNWIND $ids AS id
MATCH (s:DealStageChange {id: id})
RETURN collect([s.id, s.dealId, s.identifierKey, s.occurredAt, s.fromStageId, s.toStageId, s.by, s.millisInStage, s.position])
