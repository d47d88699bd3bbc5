// Fragment: the newest touchpoints by which a customer came to us, newest first. From c to t. Parameters: from, before (positions),
// limit.
// Neo4j reads each identifier's page off the composite index; an engine that ignores the hint walks MADE.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:MADE]->(t:Touchpoint)
  USING INDEX t:Touchpoint(identifierKey, position)
  WHERE t.identifierKey = i.key AND t.position >= $from AND t.position < $before AND t.direction = 'INBOUND'
  RETURN t
  ORDER BY t.identifierKey DESC, t.position DESC
  LIMIT $limit
}
WITH t ORDER BY t.position DESC LIMIT $limit
