"""Kirchhoff-inspired neural networks: cells and cascades of resistors and capacitors, trained."""
