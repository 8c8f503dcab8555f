"""What every file is asked first: its path, its kind, its text, its place on the earth."""

from sinks.gate.environment import prepare

PREPARATION = prepare()  # before any module imports rasterio or pyogrio
