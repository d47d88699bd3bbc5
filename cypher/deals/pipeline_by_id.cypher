// Fragment: the pipeline with an id. From k to p.
MATCH (p:Pipeline {id: k})
