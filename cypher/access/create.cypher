// Writes an API key. Parameters: properties.
CREATE (a:ApiKey)
SET a = $properties
