"""Forest stands (小班): what they hold, how they grow, and what happens when they are cut."""
