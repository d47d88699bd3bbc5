// The next source profiles by key. Parameters: after, limit. Columns: profileKey.
// Without ORDER BY, for which the embedded engine would read all that follow: it reads the index in order.
MATCH (p:SourceProfile)
WHERE p.profileKey > $after
WITH p.profileKey AS key LIMIT $limit
RETURN collect([key])
