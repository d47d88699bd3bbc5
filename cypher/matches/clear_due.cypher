// Says of customers that their records were matched, unless they changed since. Parameters: rows (id, due).
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
WHERE c.matchDue = row.due
SET c.matchDue = null
