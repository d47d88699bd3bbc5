// Fragment: a page of candidates, the most probable first. To m. Parameters: after, before (places), status, minProbability, limit.
// An open one is shown while its customers are two who may be merged.
MATCH (m:MatchCandidate)
WHERE m.place > $after AND m.place < $before AND m.probability >= $minProbability
WITH m, m.a AS a, m.b AS b
MATCH (:Identifier {key: a})-[:IDENTIFIES]->(x:Customer)
MATCH (:Identifier {key: b})-[:IDENTIFIES]->(y:Customer)
WHERE $status <> 'OPEN' OR (x.id <> y.id AND NOT EXISTS {
  MATCH (x)<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})-[:NOT_SAME_AS]-(:Identifier)-[:IDENTIFIES]->(y)
})
WITH m ORDER BY m.place LIMIT $limit
