// A page of deals of each customer, newest first. Parameters: ids, before (position), limit.
// Columns: customer id, deals (columns as in by_ids).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:NEGOTIATES]->(d:Deal)
  WHERE d.position < $before
  RETURN d
  ORDER BY d.position DESC
  LIMIT $limit
}
WITH id, d ORDER BY d.position DESC
WITH id, collect([d.id, d.identifierKey, d.title, d.amount, d.currency, d.pipelineId, d.stageId, d.state, d.lostReason, d.owner, d.source, d.expectedCloseOn, d.createdAt, d.closedAt, d.version, d.position]) AS rows
RETURN collect([id, rows[0..$limit]])
