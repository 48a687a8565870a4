"""What model servers tell of their work in numbers."""
