// Puts stages back into the pipelines that they were taken out of. Parameters: rows (id).
UNWIND $rows AS row
MATCH (s:Stage {id: row.id})<-[r:HAD_STAGE]-(p:Pipeline)
CREATE (p)-[:HAS_STAGE]->(s)
DELETE r
