// What has to be looked into still. Parameters: limit. Columns: key.
MATCH (h:Chore)
WITH h.key AS key LIMIT $limit
RETURN collect([key])
