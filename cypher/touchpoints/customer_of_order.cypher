// Fragment: the customer of an order. From k (its id) to c.
MATCH (o:Order {id: k})<-[:PLACED]-(i:Identifier)-[:IDENTIFIES]->(c:Customer)
