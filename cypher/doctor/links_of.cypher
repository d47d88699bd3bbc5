// The accepted evidence that begins at identifiers of customers. Parameters: ids (of customers).
// Columns: customer id, from (key), to (key), id of the link, id of the customer that the other end identifies (null: nobody).
UNWIND $ids AS id
MATCH (:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)-[l:LINKED_TO]->(j:Identifier)
WHERE coalesce(l.active, true)
OPTIONAL MATCH (j)-[:IDENTIFIES]->(d:Customer)
RETURN collect([id, i.key, j.key, l.id, d.id])
