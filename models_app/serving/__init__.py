"""The one door to the GPU: nothing else talks to a model server to generate."""
