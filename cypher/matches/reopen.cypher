// Opens candidates again whose decision was taken back. Parameters: rows (eventId: of the decision).
UNWIND $rows AS row
MATCH (:IdentityEvent {id: row.eventId})-[:CONCERNS]->(:Identifier)-[:IDENTIFIES]->(c:Customer)
WITH DISTINCT row, c
MATCH (c)<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})<-[:PROPOSES]-(m:MatchCandidate)
WHERE m.eventId = row.eventId
SET m.status = 'OPEN', m.place = 'OPEN:' + m.rank + ':' + m.id, m.eventId = null, m.decidedAt = null, m.decidedBy = null
