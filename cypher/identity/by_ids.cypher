// Identifiers by id. Parameters: ids. Columns as in of_customers.
UNWIND $ids AS id
MATCH (i:Identifier {id: id})
RETURN collect([i.id, i.kind, i.value, i.rawValue, i.firstSeenAt, i.lastSeenAt, i.generic, i.key])
