// Fragment: a page of a customer's journey, oldest first. From c to s; y is its type. Parameters: from, before (positions),
// channels (null: any), touchpoints, orders, stageChanges, tickets, notes (which kinds), limit.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
CALL (i) {
  MATCH (i)-[:MADE]->(t:Touchpoint)
  USING INDEX t:Touchpoint(identifierKey, position)
  WHERE $touchpoints AND t.identifierKey = i.key AND t.position >= $from AND t.position < $before
    AND ($channels IS NULL OR t.channel IN $channels)
  WITH t ORDER BY t.identifierKey ASC, t.position ASC LIMIT $limit
  RETURN t AS s, 'Touchpoint' AS y
  UNION ALL
  MATCH (i)-[:PLACED]->(o:Order)
  WHERE $orders AND o.position >= $from AND o.position < $before
    AND ($channels IS NULL OR o.channel IN $channels)
  WITH o ORDER BY o.position ASC LIMIT $limit
  RETURN o AS s, 'Order' AS y
  UNION ALL
  MATCH (i)-[:NEGOTIATES]->(:Deal)-[:MOVED]->(m:DealStageChange)
  WHERE $stageChanges AND m.position >= $from AND m.position < $before
  WITH m ORDER BY m.position ASC LIMIT $limit
  RETURN m AS s, 'DealStageChange' AS y
  UNION ALL
  MATCH (i)-[:OPENED]->(e:Ticket)
  WHERE $tickets AND e.position >= $from AND e.position < $before
    AND ($channels IS NULL OR e.channel IN $channels)
  WITH e ORDER BY e.position ASC LIMIT $limit
  RETURN e AS s, 'Ticket' AS y
  UNION ALL
  MATCH (i)-[:HAS_NOTE]->(n:Note)
  WHERE $notes AND n.position >= $from AND n.position < $before
  WITH n ORDER BY n.position ASC LIMIT $limit
  RETURN n AS s, 'Note' AS y
}
WITH s, y ORDER BY s.position ASC LIMIT $limit
