// Lets source profiles be found no more. Parameters: rows (profileKey, key).
UNWIND $rows AS row
MATCH (p:SourceProfile {profileKey: row.profileKey})-[f:FOUND_BY]->(k:SearchKey {key: row.key})
SET k.many = k.many - 1
DELETE f
