// Takes the matchers' write lock. Parameters: now (epoch ms). Columns: how far `customer-graph match` came (a customer's id).
MATCH (k:Counter {name: 'matching'})
SET k.lock = $now
RETURN collect([coalesce(k.after, '')])
