// All pipelines in order. Columns: id, name, stages ([id, name, position, probability, kind, used], in order), position.
MATCH (p:Pipeline)-[:HAS_STAGE]->(s:Stage)
WITH p, s ORDER BY s.position
WITH p, collect([s.id, s.name, s.position, s.probability, s.kind, s.used]) AS stages ORDER BY p.position, p.id
RETURN collect([p.id, p.name, stages, p.position])
