// Removes stages that no deal was ever in. Parameters: rows (id).
UNWIND $rows AS row
MATCH (s:Stage {id: row.id})
DETACH DELETE s
