"""Images from a STAC API: the one place that speaks to a network, and only when asked to.

A study names the address of a catalogue; there is none of our own. Scenes are searched by
place and days, and read window by window from the cloud-optimised GeoTIFFs that the
catalogue lists, on the hosts that the study allows. What comes out is a composite in
bounded memory, to be written to a file: a study is then run on that file, without a network.

References: STAC API 1.0.0, item search; Roy et al. 2010, RSE 114: 35-49 (composites).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from sinks.errors import EnvironmentFault, Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.composites import composite
from sinks.imagery.features import Features

_TIMEOUT_S = 60
_GDAL: dict[str, Any] = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif,.tiff,.TIF",
    "GDAL_HTTP_TIMEOUT": str(_TIMEOUT_S),
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
}
_MOST_SCENES = 500

Clear = Callable[[NDArray[Any]], NDArray[np.bool_]]


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is wanted of a catalogue.

    ``bands`` names the asset of each role; ``reflectance = number x scale + offset``.
    ``quality`` is the asset that says what each pixel shows, ``clear`` which of its values
    are usable ground. Files are read from the host of ``url`` and from ``hosts``, and from
    no other.
    """

    url: str
    collection: str
    bands: Mapping[str, str]
    first: date
    last: date
    scale: float = 1.0
    offset: float = 0.0
    most_cloud_pct: float = 100.0
    quality: str | None = None
    clear: Clear | None = None
    hosts: tuple[str, ...] = ()

    @property
    def assets(self) -> list[str]:
        """Names of the assets that are read, the quality last."""
        return [*self.bands.values(), *([self.quality] if self.quality else [])]


@dataclass(frozen=True, kw_only=True)
class Scenes:
    """Items found, as the catalogue describes them, in the order of their days."""

    query: Query
    items: tuple[Any, ...]
    findings: tuple[Finding, ...] = ()

    def described(self) -> list[dict[str, object]]:
        """Say which scenes these are, for the record: id, day, cloud cover, files."""
        return [
            {
                "id": item.id,
                "day": item.datetime.date().isoformat(),
                "cloud_pct": item.properties.get("eo:cloud_cover"),
                "files": {name: item.assets[name].href for name in self.query.assets},
            }
            for item in self.items
        ]


def find_scenes(query: Query, bounds_deg: tuple[float, float, float, float]) -> Scenes:
    """Search a catalogue for scenes that meet west, south, east, north in degrees.

    Raises
    ------
    InputRefused
        ``W02`` if the address is none of the web's, ``W03`` if nothing is found, ``W04`` if
        a scene lacks a band, ``W05`` if its files lie on a host that is not allowed.
    EnvironmentFault
        ``W01`` if the packages for catalogues are not installed, ``W06`` if the catalogue
        does not answer.
    """
    if urlsplit(query.url).scheme not in ("http", "https") or not urlsplit(query.url).hostname:
        raise InputRefused.because("W02", place="catalogue.url", url=query.url)
    items = _searched(query, bounds_deg)
    clear = [item for item in items if _cloud_pct(item) <= query.most_cloud_pct]
    unknown = sum("eo:cloud_cover" not in item.properties for item in clear)
    if not clear:
        raise InputRefused.because(
            "W03", place="catalogue", collection=query.collection, found=len(items),
            first=query.first, last=query.last, most_pct=query.most_cloud_pct,
        )  # fmt: skip
    for item in clear:
        _require_files(item, query)
    note = Finding(code="W07", place="catalogue", facts={"count": unknown, "of": len(clear)})
    ordered = sorted(clear, key=lambda item: (item.datetime, item.id))
    return Scenes(query=query, items=tuple(ordered), findings=(note,) if unknown else ())


def _searched(query: Query, bounds_deg: Sequence[float]) -> list[Any]:
    try:
        from pystac_client import Client
        from pystac_client.exceptions import APIError
    except ImportError as error:
        raise EnvironmentFault.because("W01", place="catalogue", why=str(error)) from error
    try:
        client = Client.open(query.url, timeout=_TIMEOUT_S)
        search = client.search(
            collections=[query.collection],
            bbox=tuple(bounds_deg),
            datetime=f"{query.first}/{query.last}",
            max_items=_MOST_SCENES,
        )
        return list(search.items())
    except (APIError, OSError, ValueError, KeyError) as error:
        why = " ".join(str(error).split())[:300]
        raise EnvironmentFault.because(
            "W06", place="catalogue.url", url=query.url, why=why
        ) from error


def _cloud_pct(item: Any) -> float:
    """Cloud cover of a scene; one that does not say is taken, and counted in a note."""
    return float(item.properties.get("eo:cloud_cover", 0.0))


def _require_files(item: Any, query: Query) -> None:
    if missing := [name for name in query.assets if name not in item.assets]:
        known = sorted(item.assets)[:30]
        raise InputRefused.because(
            "W04", place="catalogue.bands", item=item.id, missing=missing, known=known
        )
    allowed = {urlsplit(query.url).netloc, *query.hosts}
    for name in query.assets:
        address = urlsplit(item.get_assets()[name].href)
        if address.scheme not in ("http", "https") or address.netloc not in allowed:
            raise InputRefused.because(
                "W05", place="catalogue.hosts", item=item.id, asset=name,
                host=address.netloc or address.scheme or "?", allowed=sorted(allowed),
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class SceneComposite:
    """A statistic over scenes, read from the catalogue window by window: ``FeatureBlocks``.

    Pixels that no scene shows clearly are NaN. Scenes are brought to the grid by nearest
    neighbour, because quality values are classes; scenes of one day are one date.
    """

    scenes: Scenes
    grid: Grid
    statistic: str = "median"

    @property
    def names(self) -> tuple[str, ...]:
        """Roles of the bands."""
        return tuple(self.scenes.query.bands)

    def read(self, window: Window) -> Features:
        """Return the composite of ``window``.

        Raises
        ------
        EnvironmentFault
            ``W08`` if a file cannot be read.
        """
        query = self.scenes.query
        stack = self._stack(window)
        reflectance = stack[:, : len(query.bands)] * np.float32(query.scale)
        reflectance += np.float32(query.offset)
        if query.quality and query.clear:
            usable = query.clear(stack[:, -1])
            reflectance[~np.broadcast_to(usable[:, np.newaxis], reflectance.shape)] = np.nan
        found: Features = composite(reflectance, (self.statistic,))[0]
        return found

    def _stack(self, window: Window) -> Features:
        """Return numbers as they stand in the files: ``(dates, assets, rows, columns)``."""
        from odc.geo.geobox import GeoBox
        from odc.stac import configure_rio, load

        query, to = self.scenes.query, self.grid.transform
        corner = to @ to.translation(window.col, window.row)
        box = GeoBox((window.height, window.width), corner, self.grid.crs.to_wkt())
        configure_rio(**_GDAL)  # GDAL may read GeoTIFFs over the net in this library alone
        try:
            loaded = load(
                self.scenes.items,
                bands=query.assets,
                geobox=box,
                groupby="solar_day",
                dtype="float32",
                resampling="nearest",
                chunks=None,
            )
        except (OSError, ValueError, RuntimeError) as error:
            why = " ".join(str(error).split())[:300]
            raise EnvironmentFault.because("W08", file=query.url, why=why) from error
        return np.stack([loaded[name].to_numpy() for name in query.assets], axis=1)
