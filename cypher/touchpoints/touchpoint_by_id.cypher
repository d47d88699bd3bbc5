// Fragment: the touchpoint with an id. From k to t.
MATCH (t:Touchpoint {id: k})
