"""Kernels for circuits of the general class: scalar laws, their equations, and the march."""
