// The tickets that are to be told of next, the earliest first. Parameters: after, before (positions), limit.
// Columns: id, reminderAt (position).
MATCH (e:Ticket)
USING INDEX e:Ticket(reminderAt)
WHERE e.reminderAt > $after AND e.reminderAt < $before
WITH e ORDER BY e.reminderAt LIMIT $limit
RETURN collect([e.id, e.reminderAt])
