// Changes properties of tasks. Parameters: rows (id, changes).
UNWIND $rows AS row
MATCH (t:Task {id: row.id})
SET t += row.changes
