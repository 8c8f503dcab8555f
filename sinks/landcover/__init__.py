"""What covers the ground, and how sure we are of it."""
