// Accounts by domain. Parameters: domains. Columns: id, name, domain.
UNWIND $domains AS domain
MATCH (a:Account {domain: domain})
RETURN collect([a.id, a.name, a.domain])
