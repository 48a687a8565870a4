"""Reading NVIDIA's cards through NVML. Nothing is opened when this is imported.

`cards` looks at all of them, `card` at one, `calls` says which call gives which number.
"""
