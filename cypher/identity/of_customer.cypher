// Fragment: a customer's identifiers but their own, first seen first. From c to i. Parameters: kinds (null: any).
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
WHERE i.kind <> 'customer' AND ($kinds IS NULL OR i.kind IN $kinds)
WITH i ORDER BY i.firstSeenAt, i.id
