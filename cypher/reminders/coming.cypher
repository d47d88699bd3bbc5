// What is to be told of next, the earliest of tasks and of tickets. Parameters: after, before (positions), limit.
// Columns: type, id, reminderAt (position).
CALL () {
  MATCH (t:Task)
  USING INDEX t:Task(reminderAt)
  WHERE t.reminderAt > $after AND t.reminderAt < $before
  WITH t ORDER BY t.reminderAt LIMIT $limit
  RETURN 'Task' AS type, t.id AS id, t.reminderAt AS at
  UNION ALL
  MATCH (e:Ticket)
  USING INDEX e:Ticket(reminderAt)
  WHERE e.reminderAt > $after AND e.reminderAt < $before
  WITH e ORDER BY e.reminderAt LIMIT $limit
  RETURN 'Ticket' AS type, e.id AS id, e.reminderAt AS at
}
RETURN collect([type, id, at])
