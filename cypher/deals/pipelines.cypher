// All pipelines in order. Columns: id, name, stages ([id, name, position, probability, kind], in order).
MATCH (p:Pipeline)-[:HAS_STAGE]->(s:Stage)
WITH p, s ORDER BY s.position
WITH p, collect([s.id, s.name, s.position, s.probability, s.kind]) AS stages ORDER BY p.position, p.id
RETURN collect([p.id, p.name, stages])
