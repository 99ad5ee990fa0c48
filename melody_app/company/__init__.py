"""What callers hear where no rule applies: while being connected, and on hold."""
