"""Rasters as files: headers, codes, faults, and their pixels read block by block."""

import sinks.gate  # noqa: F401 (prepares GDAL before rasterio is imported)
