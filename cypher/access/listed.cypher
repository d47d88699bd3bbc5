// All API keys, the oldest first. Columns: id, name, scopes, createdAt, expiresAt, revokedAt (epoch ms).
MATCH (a:ApiKey)
WITH a ORDER BY a.id
RETURN collect([a.id, a.name, a.scopes, a.createdAt, a.expiresAt, a.revokedAt])
