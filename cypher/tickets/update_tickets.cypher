// Changes properties of tickets. Parameters: rows (id, changes).
UNWIND $rows AS row
MATCH (e:Ticket {id: row.id})
SET e += row.changes
