// Keeps how far `customer-graph match` came. Parameters: after (a customer's id).
MATCH (k:Counter {name: 'matching'})
SET k.after = $after
