// What forbids customers to be merged with others. Parameters: ids. Columns: id, one (key), other (key), reason, by, at, eventId.
UNWIND $ids AS id
MATCH (:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier {kind: 'customer'})-[b:NOT_SAME_AS]-(j:Identifier)
RETURN collect(DISTINCT [b.id, b.one, b.other, b.reason, b.by, b.at, b.eventId])
