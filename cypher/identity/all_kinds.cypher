// Fragment: the kinds whose rules were changed. To a.
MATCH (a:IdentifierKind)
WITH a ORDER BY a.name
