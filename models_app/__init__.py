"""Model servers, the models on them, presets, and the one door through which they are used."""
