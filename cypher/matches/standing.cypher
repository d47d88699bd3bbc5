// Fragment: what has become of the customers of a candidate: SAME, DIFFERENT (must not be merged) or OPEN. From m. Values: x.
UNWIND [m.a] AS a
MATCH (:Identifier {key: a})-[:IDENTIFIES]->(c:Customer)
UNWIND [m.b] AS b
MATCH (:Identifier {key: b})-[:IDENTIFIES]->(d:Customer)
WITH CASE WHEN c.id = d.id THEN 'SAME'
  WHEN EXISTS {
    MATCH (c)<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})-[:NOT_SAME_AS]-(:Identifier)-[:IDENTIFIES]->(d)
  } THEN 'DIFFERENT' ELSE 'OPEN' END AS x
