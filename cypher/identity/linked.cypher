// Which pairs of identifiers have evidence already. Parameters: pairs ([key, key]). Columns: key, key, whether it holds.
UNWIND $pairs AS pair
MATCH (a:Identifier {key: pair[0]})-[l:LINKED_TO]-(b:Identifier {key: pair[1]})
RETURN collect(DISTINCT [a.key, b.key, coalesce(l.active, true)])
