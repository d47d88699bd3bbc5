// A webhook that is about to be changed: its holder waits until it is done. Parameters: id, now (epoch ms).
// Columns: revision, epoch.
MATCH (w:Webhook {id: $id})
SET w.lock = $now
RETURN collect([w.revision, w.epoch])
