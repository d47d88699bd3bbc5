// Lets changes of API keys follow one another, and processes know of them. Parameters: now (epoch ms). Columns: now.
MATCH (k:Counter {name: 'apiKeys'})
SET k.revision = k.revision + 1, k.lock = $now
RETURN collect([$now])
