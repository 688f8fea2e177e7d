"""Classes in the plane, densities and potentials to begin with."""
