// Renews the leases of a holder, and keeps how far it came. Parameters: owner, now (epoch ms), rows (id, revision, epoch, state,
// at, failures, lastError, failingSince). Columns: id, of those that it still holds; of others nothing is changed.
// What was changed by users meanwhile stays as they left it: the place by its epoch, the rest by its revision.
UNWIND $rows AS row
MATCH (w:Webhook {id: row.id})
SET w.lock = $now
WITH w, row
WHERE w.owner = $owner
SET w.beat = w.beat + 1,
  w.at = CASE WHEN w.epoch = row.epoch THEN row.at ELSE w.at END,
  w.state = CASE WHEN w.revision = row.revision THEN row.state ELSE w.state END,
  w.failures = CASE WHEN w.revision = row.revision THEN row.failures ELSE w.failures END,
  w.lastError = CASE WHEN w.revision = row.revision THEN row.lastError ELSE w.lastError END,
  w.failingSince = CASE WHEN w.revision = row.revision THEN row.failingSince ELSE w.failingSince END
RETURN collect([w.id])
