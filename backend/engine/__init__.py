"""Compiled kernels, each beside its plain-torch form; what they compute knows no model."""
