// Lets records be found by keys no more. Parameters: rows (own, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.own})-[f:MATCHED_BY]->(k:MatchKey {key: row.key})
SET k.many = k.many - 1
DELETE f
