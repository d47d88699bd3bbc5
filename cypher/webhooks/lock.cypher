// Lets registrations follow one another. Parameters: now (epoch ms). Columns: the same.
MATCH (k:Counter {name: 'webhooks'})
SET k.lock = $now
RETURN collect([$now])
