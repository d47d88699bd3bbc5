// Fragment: a page of a list of deals that should be closed within some days, the soonest first. To d.
// Parameters: from, before (places in the list), limit.
// It is cut in the order of the index, before it is sorted: the embedded engine would sort all that the range has.
MATCH (d:Deal)
USING INDEX d:Deal(LISTED)
WHERE d.LISTED >= $from AND d.LISTED < $before
WITH d LIMIT $limit
WITH d ORDER BY d.LISTED
