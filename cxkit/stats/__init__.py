"""Statistics on small tables: what is computed once the rows have been counted."""
