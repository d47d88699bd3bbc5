// The migrations that this graph has. Columns: number, checksum.
MATCH (m:Migration)
RETURN collect([m.number, m.checksum])
