// The tasks that are to be told of next, the earliest first. Parameters: after, before (positions), limit.
// Columns: id, reminderAt (position).
MATCH (t:Task)
USING INDEX t:Task(reminderAt)
WHERE t.reminderAt > $after AND t.reminderAt < $before
WITH t ORDER BY t.reminderAt LIMIT $limit
RETURN collect([t.id, t.reminderAt])
