// How far `customer-graph match` came. Columns: a customer's id, or empty.
MATCH (k:Counter {name: 'matching'})
RETURN collect([coalesce(k.after, '')])
