// The stages that closed deals were in before. Parameters: ids. Columns: id, stage id.
UNWIND $ids AS id
MATCH (d:Deal {id: id})-[:MOVED]->(m:DealStageChange)
WHERE d.state <> 'OPEN'
WITH d, m ORDER BY m.position
WITH d.id AS deal, collect(m.fromStageId) AS stages
RETURN collect([deal, stages[size(stages) - 1]])
