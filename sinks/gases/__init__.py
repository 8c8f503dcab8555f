"""Greenhouse gases: what one hectare takes up and gives off in a year, by use of the land."""
