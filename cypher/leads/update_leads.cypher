// Changes properties of leads. Parameters: rows (id, changes).
UNWIND $rows AS row
MATCH (l:Lead {id: row.id})
SET l += row.changes
