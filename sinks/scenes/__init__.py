"""Image files as files: bands by role, scaling, quality masks, several files on one grid."""

import sinks.gate  # noqa: F401 (prepares GDAL before rasterio is imported)
