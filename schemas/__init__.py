"""The shapes on the wire, one module a resource."""
