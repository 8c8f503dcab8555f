"""What the land holds, and what it exchanges with the air."""
