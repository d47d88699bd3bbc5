// Fragment: the ticket with an id. From k to e.
MATCH (e:Ticket {id: k})
