"""Make the demonstration study of 盐都区: ``python data/make_demo.py [--check]``.

The landscape is made up and says so in every file; what is real is listed in README.md of
this folder. The same seed makes the same landscape on every machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from demo import build, files
from demo.landscape import draw

HERE = Path(__file__).parent


def main() -> int:
    """Make all files, or compare the shipped ones with what would be made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="folder of raster/ and vector/")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--modis", type=Path, metavar="TIF", help="only cut this global MCD12C1")
    chosen = parser.parse_args()
    if chosen.modis:
        files.cut_modis(chosen.modis, chosen.out / "raster" / "yandu_modis_igbp_2019.tif")
        return 0
    landscape = draw(build.SEED)
    if not chosen.check:
        build.make(landscape, chosen.out)
        return 0
    different = build.different_files(landscape, chosen.out)
    print("\n".join(different) or "every file is as it would be made")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
