// Puts tasks on the deals that they were written on. Parameters: rows (id, dealId).
UNWIND $rows AS row
MATCH (d:Deal {id: row.dealId})
MATCH (t:Task {id: row.id})
CREATE (d)-[:HAS_TASK]->(t)
