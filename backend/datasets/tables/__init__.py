"""Data sets of tables, of users and built in."""
