// Fragment: a page of deals, newest first. To d. Parameters: from, before (places in the list), limit.
MATCH (d:Deal)
WHERE d.LISTED >= $from AND d.LISTED < $before
WITH d ORDER BY d.LISTED DESC LIMIT $limit
