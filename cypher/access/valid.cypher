// The API keys that were not revoked. Columns: id, name, scopes, digest (hex), expiresAt (epoch ms).
MATCH (a:ApiKey)
WHERE a.revokedAt IS NULL
RETURN collect([a.id, a.name, a.scopes, a.digest, a.expiresAt])
