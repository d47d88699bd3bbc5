// Orders. Parameters: ids. Columns: see service/touchpoints/repository.py.
UNWIND $ids AS id
MATCH (o:Order {id: id})
RETURN collect([o.id, o.orderNumber, o.status, o.total, o.currency, o.lines, o.coupons, o.paymentMethod, o.channel, o.occurredAt, o.identifierKey, o.position])
