"""The same marches on CUDA, in Triton."""
