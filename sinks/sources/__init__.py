"""The one gate: from files on disk to checked rasters, layers and tables."""

from sinks.sources.environment import prepare

PREPARATION = prepare()  # before any module of this folder imports rasterio or pyogrio
