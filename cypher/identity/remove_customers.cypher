// Removes customers that were merged away; their own identifiers keep their ids. Parameters: rows (from).
UNWIND $rows AS row
MATCH (c:Customer {id: row.from})
DETACH DELETE c
