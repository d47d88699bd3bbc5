// A page of touchpoints of each customer, newest first. Parameters: ids, from, before (positions), types, channels,
// campaign (each null: any), limit. Columns: customer id, touchpoints (columns as in touchpoints_by_ids).
// Neo4j reads each identifier's page off the composite index; an engine that ignores the hint walks MADE.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:MADE]->(t:Touchpoint)
  USING INDEX t:Touchpoint(identifierKey, position)
  WHERE t.identifierKey = i.key AND t.position >= $from AND t.position < $before
    AND ($types IS NULL OR t.type IN $types)
    AND ($channels IS NULL OR t.channel IN $channels)
    AND ($campaign IS NULL OR t.campaignName = $campaign)
  RETURN t
  ORDER BY t.identifierKey DESC, t.position DESC
  LIMIT $limit
}
WITH id, t ORDER BY t.position DESC
WITH id, collect([t.id, t.messageId, t.type, t.channel, t.direction, t.occurredAt, t.receivedAt, t.source, t.identifierKey, t.identifierKeys, t.properties, t.campaignName, t.campaignSource, t.campaignMedium, t.campaignTerm, t.campaignContent, t.campaignClickId, t.pageUrl, t.pageTitle, t.pageReferrer, t.position]) AS rows
RETURN collect([id, rows[0..$limit]])
