// A page of each customer's journey, oldest first. Parameters: ids, from, before (positions), channels (null: any),
// touchpoints, orders, stageChanges (which kinds), limit. Columns: customer id, steps ([kind, columns], in order;
// the columns as in touchpoints_by_ids, orders_by_ids, stage_changes_by_ids).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:MADE]->(t:Touchpoint)
  USING INDEX t:Touchpoint(identifierKey, position)
  WHERE $touchpoints AND t.identifierKey = i.key AND t.position >= $from AND t.position < $before
    AND ($channels IS NULL OR t.channel IN $channels)
  WITH t ORDER BY t.identifierKey ASC, t.position ASC LIMIT $limit
  RETURN 'TOUCHPOINT' AS kind, t.position AS position,
    [t.id, t.messageId, t.type, t.channel, t.direction, t.occurredAt, t.receivedAt, t.source, t.identifierKey, t.identifierKeys, t.properties, t.campaignName, t.campaignSource, t.campaignMedium, t.campaignTerm, t.campaignContent, t.campaignClickId, t.pageUrl, t.pageTitle, t.pageReferrer, t.position] AS columns
  UNION ALL
  MATCH (i)-[:PLACED]->(o:Order)
  WHERE $orders AND o.position >= $from AND o.position < $before
    AND ($channels IS NULL OR o.channel IN $channels)
  WITH o ORDER BY o.position ASC LIMIT $limit
  RETURN 'ORDER' AS kind, o.position AS position,
    [o.id, o.orderNumber, o.status, o.total, o.currency, o.lines, o.coupons, o.paymentMethod, o.channel, o.occurredAt, o.identifierKey, o.position] AS columns
  UNION ALL
  MATCH (i)-[:NEGOTIATES]->(:Deal)-[:MOVED]->(s:DealStageChange)
  WHERE $stageChanges AND s.position >= $from AND s.position < $before
  WITH s ORDER BY s.position ASC LIMIT $limit
  RETURN 'DEAL_STAGE_CHANGE' AS kind, s.position AS position,
    [s.id, s.dealId, s.identifierKey, s.occurredAt, s.fromStageId, s.toStageId, s.by, s.millisInStage, s.position] AS columns
}
WITH id, kind, position, columns ORDER BY position ASC
WITH id, collect([kind, columns]) AS steps
RETURN collect([id, steps[0..$limit]])
