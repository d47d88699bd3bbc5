// Fragment: the latest moves of a deal, newest first. From d to m. Parameters: limit.
MATCH (d)-[:MOVED]->(m:DealStageChange)
WITH m ORDER BY m.position DESC LIMIT $limit
