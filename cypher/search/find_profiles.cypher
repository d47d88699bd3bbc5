// Lets source profiles be found by keys, and counts what each key finds. Parameters: rows (profileKey, key).
UNWIND $rows AS row
MATCH (p:SourceProfile {profileKey: row.profileKey})
MERGE (k:SearchKey {key: row.key})
ON CREATE SET k.many = 1
ON MATCH SET k.many = k.many + 1
CREATE (p)-[:FOUND_BY]->(k)
