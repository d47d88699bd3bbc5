// API keys: see service/access. There are few, and processes read them all at once.
CREATE CONSTRAINT api_key_id IF NOT EXISTS FOR (a:ApiKey) REQUIRE a.id IS UNIQUE;

// embedded
CREATE (a:ApiKey {id: 'first'})
DELETE a;

// Grows with every change of keys, so that processes see that there was one; changes are made one after the other.
MERGE (k:Counter {name: 'apiKeys'})
ON CREATE SET k.revision = 0, k.lock = 0;
