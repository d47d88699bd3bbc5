// Fragment: a page of a list of tasks, the earliest due first. Parameters: from, before (places in the list), limit. To t.
MATCH (t:Task)
USING INDEX t:Task(LISTED)
WHERE t.LISTED >= $from AND t.LISTED < $before
WITH t ORDER BY t.LISTED LIMIT $limit
