// Webhooks as they are kept. Columns: id, state, number of the last change that was delivered, secret.
MATCH (w:Webhook)
RETURN collect([w.id, w.state, w.at, w.secret])
