// Fragment: the deal with an id. From k to d.
MATCH (d:Deal {id: k})
