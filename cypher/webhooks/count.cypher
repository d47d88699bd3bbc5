// How many webhooks there are. Columns: count.
MATCH (w:Webhook)
WITH count(w) AS many
RETURN collect([many])
