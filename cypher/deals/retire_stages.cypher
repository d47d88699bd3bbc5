// Takes stages out of their pipelines; history names them still. Parameters: rows (id).
UNWIND $rows AS row
MATCH (s:Stage {id: row.id})<-[r:HAS_STAGE]-(p:Pipeline)
CREATE (p)-[:HAD_STAGE]->(s)
DELETE r
