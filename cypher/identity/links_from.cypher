// The evidence that begins at customers' identifiers. Parameters: ids (of customers), limit.
// Columns: id, from (key), to (key), method, rule, probability, source, messageId, at, refused, cutBy.
UNWIND $ids AS id
MATCH (:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)-[l:LINKED_TO]->(j:Identifier)
WITH i, l, j LIMIT $limit
RETURN collect([l.id, i.key, j.key, l.method, l.rule, l.probability, l.source, l.messageId, l.at, l.refused, l.cutBy])
