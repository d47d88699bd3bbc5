// Remembers what has to be looked into, once each. Parameters: rows (key).
UNWIND $rows AS row
MERGE (h:Chore {key: row.key})
