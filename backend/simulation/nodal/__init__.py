"""Simulations of circuits of the general class: operating point, transient, small signals."""
