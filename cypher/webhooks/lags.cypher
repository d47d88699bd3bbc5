// How far all webhooks came. Columns: state, number of the last change that was delivered or left out.
MATCH (w:Webhook)
RETURN collect([w.state, w.at])
