"""Customer graph service: unified profiles and journeys over a Neo4j graph, behind GraphQL."""
