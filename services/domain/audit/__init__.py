"""The audit trail as data: what an entry says, and the chain that shows whether one was touched."""
