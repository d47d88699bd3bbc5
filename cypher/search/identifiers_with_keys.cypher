// Identifiers, and by which keys they are found. Parameters: keys. Columns: key, kind, value, keys.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})
RETURN collect([i.key, i.kind, i.value, COLLECT { MATCH (i)-[:FOUND_BY]->(k:SearchKey) RETURN k.key }])
