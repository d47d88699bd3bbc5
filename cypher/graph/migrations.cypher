// The migrations that this graph has. Columns: number, checksum.
MATCH (m:Migration)
RETURN m.number, m.checksum
