"""The small study with accounts and plan, and what restoration needs: ponds, marshes, scenarios.

Ground as in :mod:`tests.workflow.small`, both dates alike but for what was built up. Cells of
siting are 100 m wide, six rows and eight columns of them; the top row and the left column are 0.

============ ================================================================================
marshes      west block 100 m x 200 m (2 ha) and middle block of the same size, at the bottom
ponds        200 m x 200 m between both (4 ha, cells r4c1 to r5c2); in the east 1 ha (cell
             r0c5), 0.4 ha (cell r1c5) and 0.2 ha (cell r2c6)
red line     the eastern 200 m, and the cell r5c1
dry field    100 m x 100 m in the east (1 ha)
scenario     ``done`` takes P1 (1 ha, pond to lake, 2022), P2 (1 ha of lake, enhanced, 2024)
             and P3 (dry field to forest, 1 ha, 2025) of the ledger; ``marsh`` turns 3 ha of
             pond into marsh from 2026 to 2028; ``trees`` plants 1 ha of dry field in 2030;
             ``same`` leaves 2 ha of marsh as they are
============ ================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from sinks.study import Study
from sinks.workflow.accounts import account_tables
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.estimates import estimates
from sinks.workflow.networks import StudyNetworks, network_tables
from sinks.workflow.rates import rate_tables
from sinks.workflow.restoration import StudyRestoration, restoration_tables
from tests.workflow.accounted import (
    ACCOUNTS,
    ROWS,
    TOLD,
    ZONES,
    Ground,
    ground_of,
    write_statistics,
)
from tests.workflow.planned import PLAN, write_plan
from tests.workflow.small import BLF, BLT, LAK, PAD, rectangle, write_layer, write_raster

PND, DRY, MAR = 3, 5, 12

DONE = """
[[scenarios]]
id = "done"
name_zh = "已验收项目"
name_en = "Projects accepted"
ledger = ["accepted"]
"""
MARSH = """
[[scenarios]]
id = "marsh"
name_zh = "退塘还湿三公顷"
name_en = "Three hectares of marsh"

[[scenarios.measures]]
id = "ponds"
first_year = 2026
last_year = 2028
before = "PND"
after = "MAR"
area_ha = 3
type = "aquaculture_to_wetland"
uses_before = { pond_crab = 0.5, pond_enclosure = 0.5 }
uses_after = { marsh_ipcc = 1.0 }
"""
TREES = """
[[scenarios]]
id = "trees"
name_zh = "造林一公顷"
name_en = "A hectare of trees"

[[scenarios.measures]]
id = "planting"
first_year = 2030
before = "DRY"
after = "BLF"
area_ha = 1
cost_yuan_per_ha = 45000
"""
SAME = """
[[scenarios]]
id = "same"
name_zh = "维持不变"
name_en = "As it is"

[[scenarios.measures]]
id = "nothing"
first_year = 2027
before = "MAR"
after = "MAR"
area_ha = 2
uses_before = { marsh_ipcc = 1.0 }
uses_after = { marsh_ipcc = 1.0 }
cost_yuan_per_ha = 0
"""
BASELINES = """
[[baselines]]
id = "orchard"
name_zh = "若为果园"
name_en = "If it were orchard"
classes = { PND = "ORC" }
"""
SITING = """
[siting]
name_zh = "下一步两公顷"
name_en = "The next two hectares"
before = ["PND"]
after = "MAR"
uses_after = { marsh_ipcc = 1.0 }
year = 2026
cell_m = 100
smallest_ha = 0.3
area_ha = 2
budget_yuan = 250000
trials = 6
plans = 4
"""
NETWORKS = """
[[networks]]
id = "marsh"
name_zh = "沼泽网络"
name_en = "Network of marshes"
guild = "wetland"
habitat = ["MAR"]
pixel_m = 20
smallest_core_ha = 0.5
half_m = 1000

[[networks]]
id = "woods"
name_zh = "林地网络"
name_en = "Network of woods"
guild = "woodland"
habitat = ["BLF"]
pixel_m = 20
"""
SCENARIOS = DONE + MARSH + TREES + SAME + BASELINES
RESTORED = PLAN + ZONES + ACCOUNTS + TOLD + SCENARIOS + SITING + NETWORKS


def write_restored(folder: Path, text: str = RESTORED, rows: Sequence[str] = ROWS) -> Path:
    """Write the study with registers, statistics and ponds; return the study file."""
    file = write_plan(folder, text).file
    layers = folder / "图层"
    write_layer(layers / "公园.gpkg", [rectangle(200, 200, 400, 400)], 代码=["gy"], 名称=["公园"])
    write_statistics(folder / "统计.csv", rows)
    write_layer(
        layers / "项目.gpkg",
        [rectangle(0, 0, 100, 100), rectangle(50, 0, 150, 100),
         rectangle(400, 0, 500, 100), rectangle(200, 0, 300, 100)],
        编号=["P1", "P2", "P3", "P4"], 类型=["退养还湿", "植被恢复", "造林", "退养还湿"],
        前=["PND", "LAK", "DRY", "PND"], 后=["LAK", "LAK", "BLF", "LAK"],
        年份=[2022, 2024, 2025, 2027], 状态=["已验收", "已验收", "已验收", "计划"],
        验收=["2022-06-01", "2024-05-01", "2025-11-01", ""],
        文件=["湿1号", "湿2号", "林1号", ""], 成活率=[None, None, 90, None],
        面积=[15.0, 15.0, 15.0, 15.0],
    )  # fmt: skip
    write_layer(
        layers / "红线.gpkg",
        [rectangle(600, 0, 800, 600), rectangle(100, 0, 200, 100)],
        类别=["生态保护红线", "生态保护红线"], 名称=["东片", "西片"],
    )  # fmt: skip
    before = ground_codes()
    after = before.copy()
    after[:, 35:] = BLT
    write_raster(folder / "土地覆盖_2020.tif", before)
    write_raster(folder / "土地覆盖_2025.tif", after)
    return file


def ground_codes() -> np.ndarray:
    """Return the classes of the first date."""
    codes = np.full((30, 40), PAD, dtype=np.uint8)
    codes[:, 20:] = BLF
    codes[10:20, 15:25] = LAK
    codes[20:30, 0:5] = codes[20:30, 15:20] = MAR  # two blocks of 2 ha
    codes[20:30, 5:15] = PND  # 4 ha between them
    codes[0:5, 25:30] = PND  # 1 ha
    codes[5:7, 25:30] = PND  # 0.4 ha
    codes[10:11, 30:35] = PND  # 0.2 ha
    codes[25:30, 30:35] = DRY  # 1 ha
    return codes


@dataclass(frozen=True, kw_only=True, eq=False)
class Restored:
    """A study on ground that is shared, and what its restoration comes to."""

    basis: CarbonBasis
    known: dict[str, pd.DataFrame]
    restoration: StudyRestoration
    networks: StudyNetworks

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of scenarios, siting and networks."""
        return {**self.restoration.tables, **self.networks.tables}


def restored_ground(folder: Path) -> Ground:
    """Work out areas, carbon and rates once; scenarios are told in other words later."""
    ground = ground_of(write_restored(folder))
    study, inputs = ground.basis.study, ground.basis.inputs
    rates = rate_tables(study, inputs, ground.tables, estimates(study, inputs, ground.tables))
    return replace(ground, tables={**ground.tables, **rates.tables})


def restored_on(
    ground: Ground,
    text: str = RESTORED,
    *,
    accounts: bool = False,
    tables: tuple[str, ...] = ("indicators", "ledger"),
) -> Restored:
    """Work out restoration on the same ground with other words in the study.

    ``tables`` are those that the study is to have beside areas and carbon.
    """
    file = ground.basis.study.file.parent / "另一.toml"
    file.write_text(text, encoding="utf-8")
    study = Study.read(file)
    basis = replace(ground.basis, study=study)
    optional = {"indicators", "ledger"} - {*tables}
    known = {name: table for name, table in ground.tables.items() if name not in optional}
    accounted = account_tables(study, basis, known) if accounts else None
    known |= accounted.tables if accounted else {}
    made = restoration_tables(study, basis, accounted.basis if accounted else None, known)
    networks = network_tables(study, basis.inputs.covers[-1], made.units)
    return Restored(basis=basis, known=known, restoration=made, networks=networks)
