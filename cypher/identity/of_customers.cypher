// Customers' identifiers but their own, first seen first. Parameters: ids. Columns: customer id, identifiers
// (id, kind, value, rawValue, firstSeenAt, lastSeenAt, generic, key).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
WHERE i.kind <> 'customer'
WITH id, i ORDER BY i.firstSeenAt, i.id
WITH id, collect([i.id, i.kind, i.value, i.rawValue, i.firstSeenAt, i.lastSeenAt, i.generic, i.key]) AS identifiers
RETURN collect([id, identifiers])
