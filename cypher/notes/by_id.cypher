// Fragment: the note with an id. From k to n.
MATCH (n:Note {id: k})
