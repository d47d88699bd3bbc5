// Fragment: all identifiers of a customer, their own too, first seen first. From c to i.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
WITH i ORDER BY i.firstSeenAt, i.id
