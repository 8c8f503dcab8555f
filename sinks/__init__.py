"""sinks: from a district's maps and layers to figures that its ecology bureau can sign.

The verbs a notebook needs stand here; each loads only what it uses::

    import sinks

    cover = sinks.read_land_cover("land_cover_2025.tif", scheme="house", year=2025)
    zones = sinks.read_zones("towns.gpkg", zone_field="code")
    table = sinks.tabulate(cover, zones)
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_VERBS = {
    "read_land_cover": "sinks.workflow.steps",
    "read_zones": "sinks.sources.vectors",
    "read_table": "sinks.sources.tables",
    "examine": "sinks.doctor",
    "tabulate": "sinks.zones.areas",
    "stocks_by_class": "sinks.carbon.stocks",
    "stock_change": "sinks.carbon.change",
    "carbon_files": "sinks.workflow.carbon_step",
    "zone_totals": "sinks.carbon.stocks",
    "house_legend": "sinks.parameters.legends",
    "carbon_densities": "sinks.parameters.densities",
    "Study": "sinks.study",
    "run_study": "sinks.workflow.run",
    "read_image": "sinks.sources.images",
    "classification_request": "sinks.mapmaking.requests",
    "classify_files": "sinks.surveying.standalone",
    "sample_map": "sinks.surveying.sampling",
    "assess_files": "sinks.surveying.assessing",
    "read_sample": "sinks.sources.sample_files",
    "assess": "sinks.accuracy.assessment",
}

__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> object:
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module 'sinks' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
