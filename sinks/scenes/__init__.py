"""Image files as files: bands by role, scaling, quality masks, several files on one grid."""
