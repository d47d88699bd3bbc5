"""Who may do what: callers, their scopes, and how they prove who they are."""
