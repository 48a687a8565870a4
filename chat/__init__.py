"""Conversations: people and models writing in turn, on rows that keep every word."""
