// How many deals are expected to be closed in a time, counted up to a limit. Parameters: from, to (days, the last one left out), limit.
// Columns: count.
MATCH (d:Deal)
WHERE d.expectedCloseOn >= $from AND d.expectedCloseOn < $to
WITH d LIMIT $limit
WITH count(d) AS many
RETURN collect([many])
