"""What changes the rows of the model side."""
