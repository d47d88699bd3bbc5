// Fragment: a page of a customer's touchpoints, newest first. From c to t. Parameters: from, before (positions), types,
// channels, campaign (each null: any), limit.
// Neo4j reads each identifier's page off the composite index; an engine that ignores the hint walks MADE.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
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
WITH t ORDER BY t.position DESC LIMIT $limit
