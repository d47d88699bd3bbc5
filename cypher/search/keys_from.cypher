// Some keys with a beginning, and how many each finds. Parameters: prefix, limit. Columns: key, count.
MATCH (k:SearchKey)
WHERE k.key STARTS WITH $prefix AND k.many > 0
WITH k LIMIT $limit
RETURN collect([k.key, k.many])
