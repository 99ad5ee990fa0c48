"""People and tokens: who may come in."""
