// Writes a webhook. Parameters: properties.
CREATE (w:Webhook)
SET w = $properties
