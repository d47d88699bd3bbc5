// All pipelines in order. Columns: id, name, stages ([id, name, position, probability, kind], in order).
MATCH (p:Pipeline)-[:HAS_STAGE]->(s:Stage)
WITH p, s ORDER BY p.position, p.id, s.position
RETURN p.id, p.name, collect([s.id, s.name, s.position, s.probability, s.kind])
