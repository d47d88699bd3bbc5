// Fragment: the candidate with an id. From k to m.
MATCH (m:MatchCandidate {id: k})
