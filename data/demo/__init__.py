"""The demonstration landscape of 盐都区: real places, made-up land. See ``data/README.md``."""
