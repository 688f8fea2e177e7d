"""Where the energy of a circuit goes: stored, given by sources, taken by devices."""
