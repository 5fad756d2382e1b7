"""Everything that speaks to MongoDB, one module a collection."""
