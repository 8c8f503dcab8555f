"""Images: bands by role, indices, composites of several dates, phenology."""
