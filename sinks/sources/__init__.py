"""The one gate: from files on disk to checked rasters, layers and tables."""

import sinks.gate  # noqa: F401 (prepares GDAL before anything is read)
