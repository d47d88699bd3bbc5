// What happened to who is who. Parameters: ids. Columns: id, kind, at, reason, by, customerIds, messageId, undone, detail (JSON).
UNWIND $ids AS id
MATCH (e:IdentityEvent {id: id})
RETURN collect([e.id, e.kind, e.at, e.reason, e.by, e.customerIds, e.messageId, e.undone, e.detail])
