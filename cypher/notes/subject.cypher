// Fragment: what a note was written on. From n to s; y is its type.
MATCH (n)<-[:HAS_NOTE]-(h:Identifier)
CALL (n) {
  MATCH (n)<-[:HAS_NOTE]-(s:Deal)
  RETURN s, 'Deal' AS y
  UNION ALL
  MATCH (n)<-[:HAS_NOTE]-(s:Ticket)
  RETURN s, 'Ticket' AS y
  UNION ALL
  MATCH (n)<-[:HAS_NOTE]-(s:Lead)
  RETURN s, 'Lead' AS y
  UNION ALL
  MATCH (n)<-[:HAS_NOTE]-(i:Identifier)-[:IDENTIFIES]->(s:Customer)
  WHERE n.subjectId STARTS WITH 'cus_'
  RETURN s, 'Customer' AS y
}
