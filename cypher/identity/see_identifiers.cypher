// Sets when identifiers were first and last seen. Parameters: rows (key, firstSeenAt, lastSeenAt).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
SET i.firstSeenAt = row.firstSeenAt, i.lastSeenAt = row.lastSeenAt
