// Fragment: all pipelines, in order. To p.
MATCH (p:Pipeline)
WITH p ORDER BY p.position, p.id
