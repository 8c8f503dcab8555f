"""Every number from a publication, with its reference."""
