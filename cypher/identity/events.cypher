// What happened to who is who. Parameters: ids. Columns: id, kind, at (epoch ms), reason, by.
UNWIND $ids AS id
MATCH (e:IdentityEvent {id: id})
RETURN collect([e.id, e.kind, e.at, e.reason, e.by])
