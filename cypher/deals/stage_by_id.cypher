// Fragment: the stage with an id. From k to s.
MATCH (s:Stage {id: k})
