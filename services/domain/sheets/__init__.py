"""Rules about what the rows and cells of a sheet mean."""
