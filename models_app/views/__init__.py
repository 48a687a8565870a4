"""The pages of the model side, outside the admin."""
