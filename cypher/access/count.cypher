// How many API keys there are that were not revoked. Columns: count.
MATCH (a:ApiKey)
WHERE a.revokedAt IS NULL
WITH count(a) AS many
RETURN collect([many])
