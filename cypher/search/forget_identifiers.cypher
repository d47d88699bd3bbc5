// Lets identifiers be found no more. Parameters: rows (identifierKey, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})-[f:FOUND_BY]->(k:SearchKey {key: row.key})
SET k.many = k.many - 1
DELETE f
