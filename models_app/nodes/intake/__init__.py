"""Taking in what GPU hosts send: read, checked, put in time, kept and told to the pages.

One process of many does it at a time. Whatever comes twice, late or out of order changes
nothing that was right already.
"""
