// Writes moves of deals between stages, each its own message. Parameters: rows (dealId, properties).
UNWIND $rows AS row
MATCH (d:Deal {id: row.dealId})
CREATE (d)-[:MOVED]->(s:DealStageChange:Message)
SET s = row.properties
