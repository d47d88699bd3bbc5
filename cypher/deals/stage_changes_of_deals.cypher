// The latest moves of each deal, newest first. Parameters: ids, limit. Columns: deal id, moves (columns as in stage_changes_by_ids).
UNWIND $ids AS id
MATCH (d:Deal {id: id})
CALL (d) {
  MATCH (d)-[:MOVED]->(s:DealStageChange)
  RETURN s
  ORDER BY s.position DESC
  LIMIT $limit
}
WITH id, s ORDER BY s.position DESC
WITH id, collect([s.id, s.dealId, s.identifierKey, s.occurredAt, s.fromStageId, s.toStageId, s.by, s.millisInStage, s.position]) AS rows
RETURN collect([id, rows[0..$limit]])
