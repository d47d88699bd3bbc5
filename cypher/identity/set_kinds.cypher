// Sets the rules of kinds. Parameters: rows (name, properties).
UNWIND $rows AS row
MERGE (k:IdentifierKind {name: row.name})
SET k += row.properties
