"""What only a browser can tell: keys, scripts, looks. A package, so that its conftest is not taken for the one above."""
