// Says on which device a cookie was seen, once. Parameters: rows (cookie, device, at).
UNWIND $rows AS row
MATCH (c:Identifier {key: row.cookie})
MATCH (d:Identifier {key: row.device})
MERGE (c)-[s:SEEN_ON]->(d)
ON CREATE SET s.at = row.at
