// Which messages are recorded. Parameters: keys. Columns: key, messageKind, subjectId, identifierKey, refused.
UNWIND $keys AS key
MATCH (m:Message {key: key})
RETURN collect([m.key, m.messageKind, m.subjectId, m.identifierKey, m.refused])
