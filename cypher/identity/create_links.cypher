// Enters evidence that two identifiers are one person's. Parameters: rows (from, to, properties).
UNWIND $rows AS row
MATCH (a:Identifier {key: row.from})
MATCH (b:Identifier {key: row.to})
CREATE (a)-[l:LINKED_TO]->(b)
SET l = row.properties
