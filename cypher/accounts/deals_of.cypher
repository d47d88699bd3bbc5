// Fragment: the latest deals of customers that name no account themselves, newest first. From k (own key of a customer) to d.
// Parameters: before (position), limit.
MATCH (:Identifier {key: k})-[:IDENTIFIES]->(c:Customer)
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(d:Deal)
WHERE d.accountId IS NULL AND d.position < $before
WITH d ORDER BY d.position DESC LIMIT $limit
