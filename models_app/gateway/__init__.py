"""One address for programs: the dialects of OpenAI and Ollama, with a key per person."""
