// Sets what customers show of their golden values. Parameters: rows (id, displayName, attributeKeys).
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
SET c.displayName = row.displayName, c.attributeKeys = row.attributeKeys
