// Fragment: the identifier with an id, unless it is a customer's own. From k to i.
MATCH (i:Identifier {id: k})
WHERE i.kind <> 'customer'
