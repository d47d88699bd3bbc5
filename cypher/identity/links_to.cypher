// The evidence that ends at customers' identifiers. Parameters: ids (of customers), limit.
// Columns: id, from (key), to (key), method, rule, probability, source, messageId, at, refused, cutBy.
UNWIND $ids AS id
MATCH (:Customer {id: id})<-[:IDENTIFIES]-(j:Identifier)<-[l:LINKED_TO]-(i:Identifier)
WITH i, l, j LIMIT $limit
RETURN collect([l.id, i.key, j.key, l.method, l.rule, l.probability, l.source, l.messageId, l.at, l.refused, l.cutBy])
