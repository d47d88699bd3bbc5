// Notes that what happened to who is who was undone. Parameters: rows (id).
UNWIND $rows AS row
MATCH (e:IdentityEvent {id: row.id})
SET e.undone = true
