"""GraphQL over HTTP: schema, scalars, pagination, errors and transport."""
