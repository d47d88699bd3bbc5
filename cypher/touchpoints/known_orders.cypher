// Orders that are known. Parameters: keys. Columns: key, id, identifierKey.
UNWIND $keys AS key
MATCH (o:Order {orderKey: key})
RETURN collect([key, o.id, o.identifierKey])
