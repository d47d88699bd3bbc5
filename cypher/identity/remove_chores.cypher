// Forgets what was looked into. Parameters: rows (key).
UNWIND $rows AS row
MATCH (h:Chore {key: row.key})
DELETE h
