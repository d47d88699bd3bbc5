// Sets what customers show of their golden values. Parameters: rows (id, displayName, attributeKeys,
// matchDue: that its record is to be matched; null: as it was).
UNWIND $rows AS row
MATCH (c:Customer {id: row.id})
SET c.displayName = row.displayName, c.attributeKeys = row.attributeKeys,
    c.matchDue = coalesce(row.matchDue, c.matchDue)
