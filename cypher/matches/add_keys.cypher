// Lets records be found by keys, and counts what each key finds. Parameters: rows (own, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.own})
MERGE (k:MatchKey {key: row.key})
ON CREATE SET k.many = 1
ON MATCH SET k.many = k.many + 1
CREATE (i)-[:MATCHED_BY]->(k)
