// The identifiers of customers. Parameters: ids (of customers). Columns: customer id, identifier's key, id, kind.
UNWIND $ids AS id
MATCH (:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
RETURN collect([id, i.key, i.id, i.kind])
