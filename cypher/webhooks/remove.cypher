// Removes a webhook. Parameters: id.
MATCH (w:Webhook {id: $id})
DELETE w
