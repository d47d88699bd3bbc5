// Notes that a migration was applied. Parameters: number, name, checksum, at (epoch ms).
MERGE (m:Migration {number: $number})
ON CREATE SET m.name = $name, m.checksum = $checksum, m.appliedAt = $at
