"""Who is who: identifiers, their rules, and how they become customers."""
