"""Measures Paddock as people run it, beside the same model server asked directly."""
