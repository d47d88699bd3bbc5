"""What other CRMs export: deals, leads, accounts, tasks and notes, with their own ids and times."""
