// Fragment: the API key with an id. From k to a.
MATCH (a:ApiKey {id: k})
