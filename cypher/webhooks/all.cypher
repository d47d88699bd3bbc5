// Fragment: all webhooks, the oldest first. To w.
MATCH (w:Webhook)
WITH w ORDER BY w.id
