// How often API keys were made or revoked. Columns: revision.
MATCH (k:Counter {name: 'apiKeys'})
RETURN collect([k.revision])
