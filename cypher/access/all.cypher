// Fragment: all API keys, the oldest first. To a.
MATCH (a:ApiKey)
WITH a ORDER BY a.id
