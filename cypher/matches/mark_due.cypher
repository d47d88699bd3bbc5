// Says of customers that their records are to be matched. Parameters: rows (id, due).
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
SET c.matchDue = row.due
