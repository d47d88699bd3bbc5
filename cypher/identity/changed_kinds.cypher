// The rules that an operator changed. Columns: version, kinds (name, priority, limit, sharedBy, blockedValues, caseSensitive).
MATCH (c:Counter {name: 'changes'})
WITH coalesce(c.rules, 0) AS version, COLLECT {
  MATCH (k:IdentifierKind)
  RETURN [k.name, k.priority, k.limit, k.sharedBy, k.blockedValues, k.caseSensitive]
} AS changed
RETURN collect([version, changed])
