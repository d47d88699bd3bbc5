// Fragment: the stages of a pipeline, in order. From p to s.
MATCH (p)-[:HAS_STAGE]->(s:Stage)
WITH s ORDER BY s.position
