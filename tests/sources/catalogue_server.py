"""A STAC API on loopback with real COGs: landing page, item search, files by byte range."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.warp import transform_bounds

CONFORMS = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/collections",
]


@dataclass
class Catalogue:
    """A served catalogue: its folder, its items, and the requests that came."""

    folder: Path
    url: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def add(
        self,
        day: date,
        bands: dict[str, np.ndarray],
        transform: Affine,
        *,
        crs: str = "EPSG:32651",
        cloud_pct: float = 0.0,
        nodata: float = 0,
    ) -> dict[str, Any]:
        """Write a COG per band and add an item of ``day``."""
        name = f"scene_{day:%Y%m%d}_{len(self.items)}"
        height, width = next(iter(bands.values())).shape
        assets = {}
        for band, values in bands.items():
            path = self.folder / f"{name}_{band}.tif"
            fill = nodata if values.dtype == np.uint16 else 0
            write_cog(path, values, transform, crs=crs, nodata=fill)
            assets[band] = {
                "href": f"{self.url}/files/{path.name}",
                "type": "image/tiff; application=geotiff; profile=cloud-optimized",
                "roles": ["data"],
                "proj:code": crs,
                "proj:shape": [height, width],
                "proj:transform": list(transform)[:6],
            }
        south_west = transform @ (0, height)
        north_east = transform @ (width, 0)
        west, south, east, north = transform_bounds(crs, "EPSG:4326", *south_west, *north_east)
        item = {
            "type": "Feature",
            "stac_version": "1.0.0",
            "stac_extensions": [
                "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
                "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
            ],
            "id": name,
            "collection": "sentinel-2-l2a",
            "bbox": [west, south, east, north],
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[west, south], [east, south], [east, north], [west, north], [west, south]]
                ],
            },
            "properties": {"datetime": f"{day}T02:40:00Z", "eo:cloud_cover": cloud_pct},
            "assets": assets,
            "links": [],
        }
        self.items.append(item)
        return item

    def found(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Answer a search by box and days, as an API does."""
        west, south, east, north = wanted.get("bbox") or [-180, -90, 180, 90]
        first, last = (part[:10] for part in wanted["datetime"].split("/"))
        hits = [
            item
            for item in self.items
            if item["bbox"][0] <= east
            and item["bbox"][2] >= west
            and item["bbox"][1] <= north
            and item["bbox"][3] >= south
            and first <= item["properties"]["datetime"][:10] <= last
        ]
        return {"type": "FeatureCollection", "features": hits, "links": []}


def write_cog(
    path: Path, values: np.ndarray, transform: Affine, *, crs: str, nodata: float
) -> None:
    """Write one band as a cloud-optimised GeoTIFF."""
    with rasterio.MemoryFile() as memory:
        height, width = values.shape
        with memory.open(
            driver="GTiff", width=width, height=height, count=1, dtype=values.dtype,
            crs=crs, transform=transform, nodata=nodata,
        ) as plain:  # fmt: skip
            plain.write(values, 1)
        rasterio.shutil.copy(memory.name, path, driver="COG", compress="DEFLATE", blocksize=128)


class _Server(ThreadingHTTPServer):
    catalogue: Catalogue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        self.server.catalogue.requests.append(f"{self.command} {self.path}")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self.path.startswith("/files/"):
            self._send_file(self.server.catalogue.folder / self.path.removeprefix("/files/"))
        else:
            self._send_json(_landing(self.server.catalogue.url))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send_json(self.server.catalogue.found(asked))

    def _send_file(self, path: Path) -> None:
        if not path.is_file():
            self.send_error(404)
            return
        raw = path.read_bytes()
        asked = self.headers.get("Range")
        first, last = (asked or f"bytes=0-{len(raw) - 1}").removeprefix("bytes=").split("-")
        end = min(int(last or len(raw)), len(raw) - 1)
        headers = {"Accept-Ranges": "bytes", "Content-Type": "image/tiff"}
        if asked:
            headers["Content-Range"] = f"bytes {first}-{end}/{len(raw)}"
        self._send(206 if asked else 200, raw[int(first) : end + 1], headers)

    def _send_json(self, content: dict[str, Any]) -> None:
        self._send(200, json.dumps(content).encode(), {"Content-Type": "application/geo+json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, text in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[Catalogue]:
    """Serve a catalogue of the files in ``folder`` on a free port of loopback."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.catalogue = Catalogue(folder, url=f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.catalogue
        server.shutdown()


def _landing(url: str) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "stac_version": "1.0.0",
        "id": "test",
        "description": "a catalogue of the tests",
        "conformsTo": CONFORMS,
        "links": [
            {"rel": "self", "href": f"{url}/", "type": "application/json"},
            {"rel": "root", "href": f"{url}/", "type": "application/json"},
            {"rel": "data", "href": f"{url}/collections", "type": "application/json"},
            {"rel": "search", "href": f"{url}/search", "type": "application/geo+json",
             "method": "POST"},
        ],
    }  # fmt: skip
