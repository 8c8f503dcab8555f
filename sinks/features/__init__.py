"""Layers as files: formats, geometries, overlaps, and everything wrong with them."""

import sinks.gate  # noqa: F401 (prepares GDAL before pyogrio is imported)
