// Says of identifiers that they identify nobody, or by hand that they identify somebody. Parameters: rows (key, generic, pinned).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
SET i.generic = row.generic, i.pinned = row.pinned
