// The stages that were taken out of a pipeline. Parameters: id. Columns: id, name, stages ([id, name, position, probability, kind, used]).
MATCH (p:Pipeline {id: $id})-[:HAD_STAGE]->(s:Stage)
WITH p, collect([s.id, s.name, s.position, s.probability, s.kind, s.used]) AS stages
RETURN collect([p.id, p.name, stages])
