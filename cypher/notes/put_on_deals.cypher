// Puts notes on the deals that they were written on. Parameters: rows (id, subjectId).
UNWIND $rows AS row
MATCH (s:Deal {id: row.subjectId})
MATCH (n:Note {id: row.id})
CREATE (s)-[:HAS_NOTE]->(n)
