"""Modelfiles: read, checked, understood and written. Pure: no database, no files."""
