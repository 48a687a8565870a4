"""Models that are known to Paddock: their facts, and what to type to get them."""
