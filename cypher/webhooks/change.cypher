// Changes a webhook. Parameters: id, properties.
MATCH (w:Webhook {id: $id})
SET w += $properties
