"""The surroundings of reads: drivers that are gone, variables put aside, paths looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sinks.errors import InputRefused
from sinks.gate.environment import SETTINGS, SKIPPED_DRIVERS, checked_path, prepare

ROOT = Path(__file__).resolve().parents[2]


def in_a_fresh_process(script: str, *words: str, **variables: str) -> dict:
    """Run a script that prints JSON, with nothing imported before."""
    plain = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *words],
        cwd=ROOT,
        env={**plain, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_no_driver_is_left_that_reads_other_files_networks_or_programs():
    left = in_a_fresh_process(
        "import json, sinks.sources, rasterio, pyogrio\n"
        "from sinks.gate.environment import remaining_drivers\n"
        "with rasterio.Env() as env: drivers = env.drivers()\n"
        "print(json.dumps({'left': remaining_drivers(), 'rasterio': list(drivers),"
        " 'pyogrio': list(pyogrio.list_drivers())}))"
    )

    assert left["left"] == {}
    assert {"GTiff", "COG", "MEM"} <= set(left["rasterio"])
    assert {"GPKG", "ESRI Shapefile", "GeoJSON", "MEM"} <= set(left["pyogrio"])


def test_what_came_too_late_is_told():
    late = in_a_fresh_process(
        "import json, pyogrio, sinks.sources\n"
        "from sinks.gate.environment import remaining_drivers\n"
        "print(json.dumps(remaining_drivers()))"
    )

    assert "OGR_VRT" in late["pyogrio"]


def test_every_format_we_write_can_still_be_written_and_read(tmp_path):
    script = """
import json, sys, sinks.sources, numpy, rasterio, geopandas, shapely
from affine import Affine
from pathlib import Path
folder, codes, done = Path(sys.argv[1]), numpy.full((600, 600), 7, "uint8"), []
for driver in ("GTiff", "COG"):
    path = folder / f"湿地 {driver}.tif"
    with rasterio.open(path, "w", driver=driver, width=600, height=600, count=1, dtype="uint8",
                       crs="EPSG:4549", transform=Affine(10, 0, 5e5, 0, -10, 37e5)) as file:
        file.write(codes, 1)
    with rasterio.open(path) as file:
        done += [driver] * bool((file.read(1) == codes).all() and file.crs.to_epsg() == 4549)
frame = geopandas.GeoDataFrame({"名称": ["大纵湖"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490)
for driver, suffix in (("GPKG", "gpkg"), ("ESRI Shapefile", "shp"), ("GeoJSON", "geojson")):
    path = folder / f"湖 泊.{suffix}"
    frame.to_file(path, driver=driver)
    back = geopandas.read_file(path)
    done += [driver] * (back["名称"][0] == "大纵湖" and back.crs.to_epsg() == 4490)
print(json.dumps({"done": done, "files": sorted(p.suffix for p in folder.iterdir())}))
"""

    result = in_a_fresh_process(script, str(tmp_path))

    assert result["done"] == ["GTiff", "COG", "GPKG", "ESRI Shapefile", "GeoJSON"]
    assert ".xml" not in result["files"]  # nothing is written beside inputs


def test_nothing_is_fetched_from_a_network():
    script = """
import json, socket, threading, sinks.sources, rasterio, pyogrio
canary, hits = socket.create_server(("127.0.0.1", 0)), []
canary.settimeout(3)
def listen():
    try:
        canary.accept(); hits.append(1)
    except OSError:
        pass
thread = threading.Thread(target=listen); thread.start()
address = f"http://127.0.0.1:{canary.getsockname()[1]}/a.tif"
refused = 0
for read in (rasterio.open, pyogrio.read_info):
    for path in (f"/vsicurl/{address}", f"/vsicurl_streaming/{address}", address):
        try:
            read(path)
        except Exception:
            refused += 1
canary.close(); thread.join()
print(json.dumps({"refused": refused, "hits": hits}))
"""

    assert in_a_fresh_process(script) == {"refused": 6, "hits": []}


def test_inherited_variables_are_put_aside_and_named():
    inherited = {
        "GDAL_DRIVER_PATH": "/tmp/plugins",
        "GDAL_VRT_ENABLE_PYTHON": "YES",
        "PROJ_DATA": "/tmp/proj",
        "PROJ_NETWORK": "ON",
        "SHAPE_ENCODING": "",
        "HOME": "/home/clerk",
    }

    done = prepare(inherited)

    assert inherited == {**SETTINGS, "HOME": "/home/clerk"}
    assert done.changed == {"PROJ_NETWORK": "ON"}
    assert set(done.removed) == {
        "GDAL_DRIVER_PATH", "GDAL_VRT_ENABLE_PYTHON", "PROJ_DATA", "SHAPE_ENCODING",
    }  # fmt: skip
    (finding,) = done.findings()
    assert finding.code == "C11"
    assert "GDAL_DRIVER_PATH" in finding.found("zh")
    assert prepare(inherited).findings() == ()


def test_data_folders_of_this_python_are_kept():
    own = {"PROJ_DATA": str(Path(sys.prefix) / "share" / "proj")}

    assert prepare(own).findings() == ()
    assert "PROJ_DATA" in own


def test_an_inherited_plugin_folder_does_not_reach_gdal():
    result = in_a_fresh_process(
        "import json, os, sinks.gate as s\n"
        "print(json.dumps([s.PREPARATION.removed, os.environ.get('GDAL_DRIVER_PATH')]))",
        GDAL_DRIVER_PATH="/tmp/plugins",
    )

    assert result == [{"GDAL_DRIVER_PATH": "/tmp/plugins"}, None]


def test_skipped_drivers_are_in_the_settings():
    assert SETTINGS["GDAL_SKIP"].split(",") == list(SKIPPED_DRIVERS)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("http://example.org/a.tif", "C10"),
        ("https:/example.org/a.tif", "C10"),
        ("s3://bucket/a.tif", "C10"),
        ("zip+http://example.org/a.zip", "C10"),
        ("file:///etc/hostname", "C10"),
        ("/vsicurl/http://example.org/a.tif", "C10"),
        ("/vsizip/a.zip/a.tif", "C10"),
        ("//vsimem/a.tif", "C10"),
        ("\\vsimem\\a.tif", "C10"),
        ("vsis3/bucket/a.tif", "C10"),
        ("PG:dbname=gis", "C10"),
        ("GTIFF_DIR:1:a.tif", "C10"),
        ("NETCDF:a.nc:band", "C10"),
        ("<VRTDataset/>", "C10"),
        ('{"type": "FeatureCollection"}', "C10"),
        ("a\nb.tif", "C14"),
        ("a\0.tif", "C14"),
        ("a\x1b[31m.tif", "C14"),
        ("gpj.\u202efit", "C14"),
        ("a\udcff.tif", "C14"),
        ("湿" * 100 + ".tif", "C14"),
        ("", "C09"),
        ("missing.tif", "C09"),
        (".", "C09"),
        ("/dev/null", "C09"),
        ("/dev/stdin", "C09"),
        ("a.tif/b.tif", "C09"),
        ("~nobody-here/a.tif", "C09"),
        ("C:\\data\\missing.tif", "C09"),
        ("\\\\.\\CON", "C09"),
    ],
)
def test_paths_that_are_no_files_are_refused(path, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputRefused) as refused:
        checked_path(path)

    (finding,) = refused.value.findings
    assert finding.code == code
    assert finding.file == path
    for language in ("zh", "en"):
        assert "\n" not in "".join(finding.lines(language))
        assert "\x1b" not in "".join(finding.lines(language))


@pytest.mark.parametrize(
    "name",
    ["土地 覆盖.tif", "it's #1 100%.tif", 'quote".tif', "a&b=c!.tif", "é.tif", "é.tif", "a:b.tif"],
)
def test_paths_of_people_are_accepted(name, tmp_path):
    file = tmp_path / name
    file.write_bytes(b"x")

    assert checked_path(file) == file.resolve()
    assert checked_path(str(file)) == file.resolve()


def test_a_path_leads_to_the_file_behind_a_link_and_never_in_circles(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"x")
    (tmp_path / "link.tif").symlink_to(tmp_path / "a.tif")
    (tmp_path / "loop.tif").symlink_to(tmp_path / "loop.tif")

    assert checked_path(tmp_path / "link.tif") == (tmp_path / "a.tif").resolve()
    with pytest.raises(InputRefused, match="C09"):
        checked_path(tmp_path / "loop.tif")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "a.tif")

    with pytest.raises(InputRefused, match="C09"):
        checked_path(tmp_path / "a.tif")


def test_a_file_larger_than_asked_for_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"12345")

    assert checked_path(tmp_path / "a.csv", max_bytes=5)
    with pytest.raises(InputRefused, match="C17"):
        checked_path(tmp_path / "a.csv", max_bytes=4)
