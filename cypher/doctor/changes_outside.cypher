// Changes that are not where the log is. Parameters: begin, end (places), limit. Columns: place.
CALL () {
  MATCH (c:Change) WHERE c.place > $end RETURN c.place AS place LIMIT $limit
  UNION ALL
  MATCH (c:Change) WHERE c.place <= $begin RETURN c.place AS place LIMIT $limit
}
RETURN collect([place])
