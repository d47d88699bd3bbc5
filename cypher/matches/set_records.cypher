// Keeps customers' records at their own identifiers. Parameters: rows (own, record: JSON).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.own})
SET i.matchRecord = row.record
