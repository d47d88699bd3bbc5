// The ids that customers were under before they were merged, oldest first. Parameters: ids. Columns: id, previous ids.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier {kind: 'customer'})
WHERE i.value <> id
WITH id, i.value AS previous ORDER BY previous
WITH id, collect(previous) AS previous
RETURN collect([id, previous])
