// Lifts what forbade that customers are merged. Parameters: rows (one, other, id).
UNWIND $rows AS row
MATCH (:Identifier {key: row.one})-[n:NOT_SAME_AS {id: row.id}]->(:Identifier {key: row.other})
DELETE n
