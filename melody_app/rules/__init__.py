"""Personal melodies: which melody plays for which numbers and departments."""
