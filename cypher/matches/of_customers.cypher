// The candidates of customers. Parameters: ids, limit (of each). Columns: customer id, id, a, b (keys of own identifiers),
// the customers of a and of b, status, probability, place, eventId.
UNWIND $ids AS id
CALL (id) {
  MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})<-[:PROPOSES]-(m:MatchCandidate)
  RETURN DISTINCT m LIMIT $limit
}
WITH id, m, m.a AS a, m.b AS b
MATCH (:Identifier {key: a})-[:IDENTIFIES]->(x:Customer)
MATCH (:Identifier {key: b})-[:IDENTIFIES]->(y:Customer)
RETURN collect([id, m.id, a, b, x.id, y.id, m.status, m.probability, m.place, m.eventId])
