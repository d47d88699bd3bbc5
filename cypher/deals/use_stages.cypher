// Marks stages that a deal is in for the first time. Parameters: rows (id).
UNWIND $rows AS row
MATCH (s:Stage {id: row})
SET s.used = true
