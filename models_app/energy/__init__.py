"""How much energy the cards took: rows of history, and sums of what is over."""
