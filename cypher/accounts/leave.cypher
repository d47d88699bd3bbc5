// Ends memberships by hand. Parameters: rows (id, key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})-[b:BELONGS_TO]->(a:Account {id: row.id})
DELETE b
