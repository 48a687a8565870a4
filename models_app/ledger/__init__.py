"""What was generated for whom, what it took, and how much of it each person may take."""
