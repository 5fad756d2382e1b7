"""Everything that speaks to another machine or to the operating system."""
