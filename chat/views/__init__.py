"""The pages of the chat; each is whole before any JavaScript runs."""
