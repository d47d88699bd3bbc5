// Fragment: the account with an id. From k to a.
MATCH (a:Account {id: k})
