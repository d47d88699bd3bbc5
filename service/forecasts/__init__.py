"""What becomes of deals: reports on a pipeline, and forecasts. Deals are read slice by slice and added up."""
