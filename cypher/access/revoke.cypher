// Revokes an API key; one that was revoked before stays as it was. Parameters: id, now (epoch ms). Columns: id, if there is one.
MATCH (a:ApiKey {id: $id})
SET a.revokedAt = coalesce(a.revokedAt, $now)
RETURN collect([a.id])
