"""The service's peer, for comparison: @neo4j/graphql on Node, over the same graph."""
