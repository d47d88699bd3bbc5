// What a change of tasks must know. Parameters: ids. Columns: id, identifierKey, position, title, dueAt, state, owner,
// completedAt, version, remindedFor, reminderAt.
UNWIND $ids AS id
MATCH (t:Task {id: id})
RETURN collect([t.id, t.identifierKey, t.position, t.title, t.dueAt, t.state, t.owner,
       t.completedAt, t.version, t.remindedFor, t.reminderAt])
