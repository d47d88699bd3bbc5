// What source profiles say, and by which keys they are found. Parameters: keys. Columns: profileKey, statements, names, keys.
UNWIND $keys AS key
MATCH (p:SourceProfile {profileKey: key})
RETURN collect([p.profileKey, p.statements, p.names, COLLECT { MATCH (p)-[:FOUND_BY]->(k:SearchKey) RETURN k.key }])
