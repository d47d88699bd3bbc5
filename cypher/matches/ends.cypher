// Between whom a candidate is. Parameters: id. Columns: a, b (keys of own identifiers).
MATCH (m:MatchCandidate {id: $id})
RETURN collect([m.a, m.b])
