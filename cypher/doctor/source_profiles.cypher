// The next source profiles by profileKey, each with what it hangs on. Parameters: after (profileKey), limit.
// Columns: profileKey, key of the identifier that it should hang on, keys of those that it hangs on.
// Without ORDER BY, and with a subquery rather than a further MATCH: else the embedded engine reads all, in no order.
MATCH (p:SourceProfile)
WHERE p.profileKey > $after
WITH p LIMIT $limit
WITH p, COLLECT { MATCH (p)<-[:DESCRIBED_BY]-(i:Identifier) RETURN i.key } AS keys
RETURN collect([p.profileKey, p.identifierKey, keys])
