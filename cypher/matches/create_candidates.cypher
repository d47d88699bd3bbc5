// Proposes that customers are one person. Parameters: rows (a, b: keys of own identifiers, properties).
UNWIND $rows AS row
MATCH (a:Identifier {key: row.a})
MATCH (b:Identifier {key: row.b})
CREATE (m:MatchCandidate)
SET m = row.properties
CREATE (m)-[:PROPOSES]->(a)
CREATE (m)-[:PROPOSES]->(b)
