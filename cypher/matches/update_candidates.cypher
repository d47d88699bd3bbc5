// Changes open candidates. Parameters: rows (id, properties).
UNWIND $rows AS row
MATCH (m:MatchCandidate {id: row.id})
WHERE m.status = 'OPEN'
SET m += row.properties
