// Lets identifiers be found by keys, and counts what each key finds. Parameters: rows (identifierKey, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
MERGE (k:SearchKey {key: row.key})
ON CREATE SET k.many = 1
ON MATCH SET k.many = k.many + 1
CREATE (i)-[:FOUND_BY]->(k)
