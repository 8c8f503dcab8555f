"""Run every benchmark in turn, at a size that takes a few minutes."""

from __future__ import annotations

import subprocess
import sys

for name in ("tabulation", "rasters", "classification", "siting"):
    print(f"\n== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]], check=True)
