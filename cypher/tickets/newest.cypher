// Fragment: a page of a list of tickets, newest first. Parameters: from, before (places in the list), limit. To e.
MATCH (e:Ticket)
USING INDEX e:Ticket(LISTED)
WHERE e.LISTED >= $from AND e.LISTED < $before
WITH e ORDER BY e.LISTED DESC LIMIT $limit
