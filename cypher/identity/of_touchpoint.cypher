// Fragment: the identifiers that a touchpoint was observed with, strongest first. From t to i.
UNWIND range(0, size(t.identifierKeys) - 1) AS n
WITH n, t.identifierKeys[n] AS x
MATCH (i:Identifier {key: x})
WHERE i.kind <> 'customer'
WITH i, n ORDER BY n
