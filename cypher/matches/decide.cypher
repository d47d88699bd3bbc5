// Enters decisions. Parameters: rows (id, properties).
UNWIND $rows AS row
MATCH (m:MatchCandidate {id: row.id})
SET m += row.properties
