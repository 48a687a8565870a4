"""Batches: the files they are made of, what is asked line by line, and what came of it."""
