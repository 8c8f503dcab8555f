"""The ecological network: habitat pattern, cores, corridors, connectivity, and plans for it."""
