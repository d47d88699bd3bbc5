// Removes open candidates. Parameters: rows (id).
UNWIND $rows AS row
MATCH (m:MatchCandidate {id: row.id})
WHERE m.status = 'OPEN'
DETACH DELETE m
