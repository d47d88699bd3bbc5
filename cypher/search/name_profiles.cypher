// Keeps what of a source profile is searched, as [attribute, line feed, value]. Parameters: rows (profileKey, names).
UNWIND $rows AS row
MATCH (p:SourceProfile {profileKey: row.profileKey})
SET p.names = row.names
