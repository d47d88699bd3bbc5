// Changes properties of known orders; null clears. Parameters: rows (key, changes).
UNWIND $rows AS row
MATCH (o:Order {orderKey: row.key})
SET o += row.changes
