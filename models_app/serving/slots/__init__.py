"""Whose turn it is: each model server writes so many replies at once, and people take turns."""
