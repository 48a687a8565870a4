"""Answering the lines of batches, as if a program asked them one by one."""
