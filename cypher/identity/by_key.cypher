// Fragment: the identifier with a key. From k to i.
MATCH (i:Identifier {key: k})
