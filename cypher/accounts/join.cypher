// Makes customers belong to accounts by hand. Parameters: rows (id, key, position).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})
MATCH (a:Account {id: row.id})
CREATE (i)-[:BELONGS_TO {position: row.position}]->(a)
