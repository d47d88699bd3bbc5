// A pipeline to begin with. Its ids are fixed, so that two processes make it once.
MERGE (p:Pipeline {id: 'pip_00000000000070008000000000000001'})
ON CREATE SET p.name = 'Sales', p.position = 1;
MERGE (s:Stage {id: 'stg_00000000000070008000000000000001'})
ON CREATE SET s.name = 'New', s.position = 1, s.probability = 0.1, s.kind = 'OPEN';
MERGE (s:Stage {id: 'stg_00000000000070008000000000000002'})
ON CREATE SET s.name = 'Qualified', s.position = 2, s.probability = 0.25, s.kind = 'OPEN';
MERGE (s:Stage {id: 'stg_00000000000070008000000000000003'})
ON CREATE SET s.name = 'Proposal', s.position = 3, s.probability = 0.5, s.kind = 'OPEN';
MERGE (s:Stage {id: 'stg_00000000000070008000000000000004'})
ON CREATE SET s.name = 'Negotiation', s.position = 4, s.probability = 0.8, s.kind = 'OPEN';
MERGE (s:Stage {id: 'stg_00000000000070008000000000000005'})
ON CREATE SET s.name = 'Won', s.position = 5, s.probability = 1.0, s.kind = 'WON';
MERGE (s:Stage {id: 'stg_00000000000070008000000000000006'})
ON CREATE SET s.name = 'Lost', s.position = 6, s.probability = 0.0, s.kind = 'LOST';
// The embedded engine does not guard MERGE between nodes that are there; a write to one of them does.
UNWIND ['1', '2', '3', '4', '5', '6'] AS n
MATCH (p:Pipeline {id: 'pip_00000000000070008000000000000001'})
SET p.lock = n
WITH p, n
MATCH (s:Stage {id: 'stg_0000000000007000800000000000000' + n})
MERGE (p)-[:HAS_STAGE]->(s);
