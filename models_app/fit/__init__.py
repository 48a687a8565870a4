"""Will a model fit: pure arithmetic over what is known of it and of the machine."""
