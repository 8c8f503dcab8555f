"""From images and training places to a map of land cover, for the command and for studies."""
