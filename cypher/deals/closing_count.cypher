// How many deals should be closed in some days, counted up to a limit. Parameters: first, end (the day after), limit. Columns: count.
MATCH (d:Deal)
WHERE d.expectedCloseOn >= $first AND d.expectedCloseOn < $end
WITH d LIMIT $limit
WITH count(d) AS many
RETURN collect([many])
