// Takes webhooks whose lease is as it was seen. Parameters: owner (who takes), now (epoch ms), rows (id, owner, beat: as seen).
// Columns: id, of those that were taken.
// The lock comes first: of two who take at once, the second looks at what the first wrote.
UNWIND $rows AS row
MATCH (w:Webhook {id: row.id})
SET w.lock = $now
WITH w, row
WHERE w.owner = row.owner AND w.beat = row.beat AND w.state = 'ACTIVE'
SET w.owner = $owner, w.beat = row.beat + 1
RETURN collect([w.id])
