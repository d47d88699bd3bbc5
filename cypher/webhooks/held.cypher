// Webhooks for who delivers. Parameters: ids. Columns: id, url, secret, filter (JSON), state, at (number of a change),
// failures, lastError, failingSince (epoch ms), revision, epoch.
UNWIND $ids AS id
MATCH (w:Webhook {id: id})
RETURN collect([w.id, w.url, w.secret, w.filter, w.state, w.at, w.failures, w.lastError, w.failingSince, w.revision, w.epoch])
