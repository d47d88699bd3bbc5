// Fragment: a page of a list of tasks, the earliest due first. Parameters: from, before (places in the list), limit. To t.
// It is cut in the order of the index, before it is sorted: the embedded engine would sort all that the range has.
MATCH (t:Task)
USING INDEX t:Task(LISTED)
WHERE t.LISTED >= $from AND t.LISTED < $before
WITH t LIMIT $limit
WITH t ORDER BY t.LISTED
