"""Expressions of voltages, named numbers and time: read, differentiated, run as programs, written.

Nothing in a text is ever executed: words become a tree (``grammar``), a tree becomes a list of
steps (``program``), and an interpreter among the kernels runs the list.
"""
