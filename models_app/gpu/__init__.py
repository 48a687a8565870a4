"""What runs on a GPU host: reading its cards, and what it says of them. No database.

The same code runs inside the worker of `make up` and as `make node` on another host, so
nothing here imports a model of Django's.
"""
