// Gives webhooks back. Parameters: owner, now (epoch ms), ids. Columns: id, of those that were given back.
UNWIND $ids AS id
MATCH (w:Webhook {id: id})
SET w.lock = $now
WITH w
WHERE w.owner = $owner
SET w.owner = ''
RETURN collect([w.id])
