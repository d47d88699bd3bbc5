// Fragment: the lead with an id. From k to l.
MATCH (l:Lead {id: k})
