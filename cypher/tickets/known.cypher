// What a change of tickets must know. Parameters: ids. Columns: id, identifierKey, identifierKeys, position, occurredAt,
// state, priority, owner, firstRespondedAt, resolvedAt, responseDueAt, version, remindedFor, reminderAt.
UNWIND $ids AS id
MATCH (e:Ticket {id: id})
RETURN collect([e.id, e.identifierKey, e.identifierKeys, e.position, e.occurredAt,
       e.state, e.priority, e.owner, e.firstRespondedAt, e.resolvedAt, e.responseDueAt, e.version, e.remindedFor, e.reminderAt])
