"""GPU hosts: what they send taken in, kept, and asked for by pages."""
