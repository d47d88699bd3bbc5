// All webhooks, as processes look at them. Columns: id, state, revision, owner (a process's token, or empty), beat.
MATCH (w:Webhook)
RETURN collect([w.id, w.state, w.revision, w.owner, w.beat])
