// Fragment: the identifier with an id, a customer's own too. From k to i.
MATCH (i:Identifier {id: k})
