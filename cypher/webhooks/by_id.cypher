// Fragment: the webhook with an id. From k to w.
MATCH (w:Webhook {id: k})
