// Puts notes on the leads that they were written on. Parameters: rows (id, subjectId).
UNWIND $rows AS row
MATCH (s:Lead {id: row.subjectId})
MATCH (n:Note {id: row.id})
CREATE (s)-[:HAS_NOTE]->(n)
