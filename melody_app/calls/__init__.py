"""What a caller hears: one resolver, and what telephone exchanges ask it at every call."""
