// Fragment: the open candidates of a customer, the most probable first. From c to m. Parameters: minProbability, limit.
MATCH (c)<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})<-[:PROPOSES]-(m:MatchCandidate)
WHERE m.status = 'OPEN' AND m.probability >= $minProbability
MATCH (m)-[:PROPOSES]->(:Identifier)-[:IDENTIFIES]->(y:Customer)
WHERE y.id <> c.id AND NOT EXISTS {
  MATCH (c)<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})-[:NOT_SAME_AS]-(:Identifier)-[:IDENTIFIES]->(y)
}
WITH m ORDER BY m.place LIMIT $limit
