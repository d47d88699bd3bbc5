// Customers' records. Parameters: keys (of own identifiers). Columns: key, record (JSON).
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
WHERE i.matchRecord IS NOT NULL
RETURN collect([key, i.matchRecord])
