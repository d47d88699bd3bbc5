// The leads, deals and tickets with these ids, and where they hang. Parameters: ids.
// Columns: id, identifierKey, identifierKeys, owner.
CALL () {
  UNWIND $ids AS x
  MATCH (s:Deal {id: x})
  RETURN s
  UNION ALL
  UNWIND $ids AS x
  MATCH (s:Ticket {id: x})
  RETURN s
  UNION ALL
  UNWIND $ids AS x
  MATCH (s:Lead {id: x})
  RETURN s
}
RETURN collect([s.id, s.identifierKey, s.identifierKeys, s.owner])
