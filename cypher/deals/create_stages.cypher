// Makes stages of pipelines. Parameters: rows (pipelineId, properties).
UNWIND $rows AS row
MATCH (p:Pipeline {id: row.pipelineId})
CREATE (p)-[:HAS_STAGE]->(s:Stage)
SET s = row.properties
