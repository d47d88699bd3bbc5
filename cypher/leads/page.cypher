// Fragment: a page of leads, newest first. To l. Parameters: from, before (places in the list), limit.
MATCH (l:Lead)
WHERE l.LISTED >= $from AND l.LISTED < $before
WITH l ORDER BY l.LISTED DESC LIMIT $limit
