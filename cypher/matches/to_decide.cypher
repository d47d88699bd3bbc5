// Candidates that are about to be decided or changed: others wait until it is done. Parameters: ids, now (epoch ms).
// Columns: id, a, b (keys of own identifiers), status, probability, rank, decidedBy, eventId.
UNWIND $ids AS id
MATCH (m:MatchCandidate {id: id})
SET m.lock = $now
RETURN collect([m.id, m.a, m.b, m.status, m.probability, m.rank, m.decidedBy, m.eventId])
