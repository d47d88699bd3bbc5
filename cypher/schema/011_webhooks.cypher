// Webhooks: see service/webhooks. There are few, and they are read all at once.
CREATE CONSTRAINT webhook_id IF NOT EXISTS FOR (w:Webhook) REQUIRE w.id IS UNIQUE;

// embedded
CREATE (w:Webhook {id: 'first'})
DELETE w;

// Registering is done one after the other: there are only so many.
MERGE (k:Counter {name: 'webhooks'})
ON CREATE SET k.lock = 0;
