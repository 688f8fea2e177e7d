"""Solves of one circuit in float64: courses of voltages, their accuracy, the adjoint circuit."""
