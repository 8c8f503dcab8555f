"""Ecosystem accounts: products of ecosystems by Chinese specifications (GEP), and SEEA EA."""
