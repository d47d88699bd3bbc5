// Says of evidence whether it holds, and if not why. Parameters: rows (id, from, to, active, refused, cutBy).
UNWIND $rows AS row
MATCH (a:Identifier {key: row.from})-[l:LINKED_TO {id: row.id}]->(b:Identifier {key: row.to})
SET l.active = row.active, l.refused = row.refused, l.cutBy = row.cutBy
