"""The fused device family as arrays, and the kernels that evaluate and differentiate it."""
