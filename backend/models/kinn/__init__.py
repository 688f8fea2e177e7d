"""Kirchhoff-inspired neural networks: cells and cascades of resistors and capacitors, trained."""

from .model import Kinn as Kinn
