// All evidence between the identifiers of one customer and those of another, or of the same, accepted or not.
// Parameters: pairs ([customer id, customer id]). Columns: the first id of the pair, link id, keys and kinds of its ends
// (from key, to key, from kind, to kind), method, rule, probability, source, messageId, at (epoch ms), active, refused, cutBy.
// Within one customer each comes twice, from either end.
UNWIND $pairs AS pair
MATCH (c:Customer {id: pair[0]})<-[:IDENTIFIES]-(x:Identifier)-[l:LINKED_TO]-(y:Identifier)-[:IDENTIFIES]->(d:Customer {id: pair[1]})
WITH pair, l, startNode(l) AS a, endNode(l) AS b
RETURN collect([pair[0], l.id, a.key, b.key, a.kind, b.kind, l.method, l.rule, l.probability, l.source, l.messageId,
                l.at, coalesce(l.active, true), l.refused, l.cutBy])
