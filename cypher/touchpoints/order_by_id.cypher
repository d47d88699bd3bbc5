// Fragment: the order with an id. From k to o.
MATCH (o:Order {id: k})
