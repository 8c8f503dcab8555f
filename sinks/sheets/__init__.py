"""Tables as files: CSV and Excel, cell by cell."""
