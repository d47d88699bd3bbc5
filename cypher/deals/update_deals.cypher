// Changes properties of deals. Parameters: rows (id, changes).
UNWIND $rows AS row
MATCH (d:Deal {id: row.id})
SET d += row.changes
