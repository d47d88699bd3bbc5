// Touchpoints. Parameters: ids. Columns: see service/touchpoints/repository.py.
UNWIND $ids AS id
MATCH (t:Touchpoint {id: id})
RETURN collect([t.id, t.messageId, t.type, t.channel, t.direction, t.occurredAt, t.receivedAt, t.source, t.identifierKey, t.identifierKeys, t.properties, t.campaignName, t.campaignSource, t.campaignMedium, t.campaignTerm, t.campaignContent, t.campaignClickId, t.pageUrl, t.pageTitle, t.pageReferrer, t.position])
