// Fragment: the customer that the identifier with a key identifies. From k to c.
MATCH (:Identifier {key: k})-[:IDENTIFIES]->(c:Customer)
