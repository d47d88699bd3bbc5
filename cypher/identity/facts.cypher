// What hangs on an identifier. Parameters: key, limit.
// Columns: relationship, id, identifierKeys, leftOutKeys, source, messageId, time (epoch ms).
MATCH (i:Identifier {key: $key})-[r:MADE|PLACED|NEGOTIATES|ASKED|HAS_TASK|OPENED|HAS_NOTE]->(f)
WITH type(r) AS relationship, f LIMIT $limit
RETURN collect([relationship, f.id, f.identifierKeys, f.leftOutKeys, f.source, f.messageId,
       coalesce(f.occurredAt, f.createdAt, 0)])
