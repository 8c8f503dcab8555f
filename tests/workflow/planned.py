"""The small study with every register of the plan, each small enough to count by hand.

========== ==================================================================================
rivers     R1 400 m in the west, of the county; R2 400 m in the east, of the township; R3 of
           the village. Accepted of R1: 0-200 m in 2024, 100-300 m in 2025
projects   1 ha restored in 2022, 1 ha enhanced in 2024 of which half lies on the first;
           6.8 ha (102 mu) planted in 2025; 1 ha planned
red line   the eastern 200 m, 12 ha, in which 6 ha were built up
built-up   the same 12 ha; vegetation 1.8 ha and 1.8 ha that share 0.6 ha
belt       200 m x 10 m beside the stands
wetland    lake 4 ha, river 2 ha, aquaculture pond 1 ha, inland flat 1 ha
protected  of the lake 2 ha, and 3 ha from 2024 on; a quarter of flat and pond each
========== ==================================================================================
"""

from __future__ import annotations

from pathlib import Path

from shapely.geometry import LineString

from sinks.study import Study
from sinks.workflow.compute import area_tables, with_whole_map
from sinks.workflow.estimates import estimates
from sinks.workflow.inputs import input_files, read_inputs
from sinks.workflow.rates import Rates, rate_tables
from sinks.workflow.stands import stand_inventory
from tests.workflow.small import SOUTH, STUDY, WEST, rectangle, write_layer, write_study

PLAN = (
    STUDY.replace('form_field = "形式"\n', 'form_field = "形式"\nvalid_from_field = "生效"\n')
    + """
[[targets]]
indicator = "green_cover_rate"
kind = "at_least"
value_pct = 43
document = "方案"

[[targets]]
indicator = "ecological_river_rate"
kind = "reach"
value_pct = 70
year = 2030
document = "方案"

[[targets]]
indicator = "wetland_restored_area"
kind = "cumulative"
value_ha = 5
document = "方案"

[[targets]]
indicator = "afforestation_area"
kind = "per_year"
value_mu = 100
document = "方案"

[plan]
until = 2030
first_year = 2021
share_by = "ground"

[[plan.base]]
indicator = "wetland_protection_rate"
year = 2022
value_pct = 30
rule = "W_2nd"
document = "演示1号"

[layers.rivers]
path = "图层/河道.gpkg"
id_field = "编号"
level_field = "级别"

[layers.river_events]
path = "评定.csv"
river_field = "编号"
from_field = "起"
to_field = "止"
status_field = "结果"
year_field = "年份"
document_field = "文件"

[layers.projects]
path = "图层/项目.gpkg"
id_field = "编号"
type_field = "类型"
pre_class_field = "前"
post_class_field = "后"
year_field = "年份"
status_field = "状态"
accepted_field = "验收"
document_field = "文件"
survival_field = "成活率"
area_field = "面积"
area_unit = "mu"

[layers.redline]
path = "图层/红线.gpkg"
kind_field = "类别"
name_field = "名称"

[layers.built_up]
path = "图层/建成区.gpkg"
year_field = "年份"

[layers.vegetation]
path = "图层/植被.gpkg"

[layers.belts]
path = "图层/林带.gpkg"
width_field = "宽度"

[layers.reported]
path = "上报.csv"
"""
)
EVENTS = """编号,起,止,结果,年份,文件
R1,0,200,通过,2024,评1号
R1,100,300,通过,2025,评2号
R2,0,100,计划,2025,
"""
REPORTED = """indicator,name,value,unit,year,document,department,target,target_year,kind
straw_use_rate,秸秆综合利用率,97,%,2024,农1号,农业农村局,98,,at_least
straw_use_rate,秸秆综合利用率,98.5,%,2025,农2号,农业农村局,98,,at_least
green_factories,国家级绿色工厂,1,家,2024,工1号,工信局,3,2030,cumulative
green_factories,国家级绿色工厂,2,家,2025,工2号,工信局,3,2030,cumulative
"""
ELSEWHERE = REPORTED.replace("indicator,", "zone,indicator,").replace("\nstraw", "\n009,straw")
ELSEWHERE = ELSEWHERE.replace("\ngreen", "\n,green")


def line(*points: tuple[float, float]) -> LineString:
    """Return a line in metres from the south-west corner of the district."""
    return LineString([(WEST + x, SOUTH + y) for x, y in points])


def write_plan(
    folder: Path,
    text: str = PLAN,
    *,
    events: str = EVENTS,
    reported: str = REPORTED,
    mu: float = 15.0,
    width: object = 10.0,
    built_up: object = 2025,
) -> Study:
    """Write the study with its registers; the rest is what tests vary."""
    file = write_study(folder, text)
    (folder / "评定.csv").write_text(events, encoding="utf-8")
    (folder / "上报.csv").write_text(reported, encoding="utf-8")
    layers = folder / "图层"
    write_layer(
        layers / "湿地.gpkg",
        [rectangle(300, 200, 500, 400), rectangle(0, 550, 400, 600),
         rectangle(0, 0, 100, 100), rectangle(0, 100, 100, 200)],
        地类编码=["1102", "1101", "1104A", "1106"], 天然=[1, 1, 0, 1],
    )  # fmt: skip
    write_layer(
        layers / "保护地.gpkg",
        [rectangle(250, 150, 400, 450), rectangle(350, 150, 450, 450), rectangle(0, 0, 25, 200)],
        形式=["国家湿地公园", "湿地保护小区", "湿地保护小区"],
        生效=["2015-01-01", "2024-01-01", "2015-01-01"],
    )
    write_layer(
        layers / "河道.gpkg",
        [line((0, 450), (400, 450)), line((400, 450), (800, 450)), line((0, 470), (800, 470))],
        编号=["R1", "R2", "R3"], 级别=["县级", "乡级", "村级"],
    )  # fmt: skip
    write_layer(
        layers / "项目.gpkg",
        [rectangle(0, 0, 100, 100), rectangle(50, 0, 150, 100),
         rectangle(400, 0, 600, 340), rectangle(200, 0, 300, 100)],
        编号=["P1", "P2", "P3", "P4"], 类型=["退养还湿", "植被恢复", "造林", "退养还湿"],
        前=["PND", "LAK", "DRY", "PND"], 后=["LAK", "LAK", "BLF", "LAK"],
        年份=[2022, 2024, 2025, 2025], 状态=["已验收", "已验收", "已验收", "计划"],
        验收=["2022-06-01", "2024-05-01", "2025-11-01", ""],
        文件=["湿1号", "湿2号", "林1号", ""], 成活率=[None, None, 90, None],
        面积=[mu, 15.0, 102.0, 15.0],
    )  # fmt: skip
    eastern = rectangle(600, 0, 800, 600)
    write_layer(layers / "红线.gpkg", [eastern], 类别=["生态保护红线"], 名称=["东片"])
    write_layer(layers / "建成区.gpkg", [eastern], 年份=[built_up])
    write_layer(layers / "植被.gpkg", [rectangle(600, 0, 630, 600), rectangle(620, 0, 650, 600)])
    write_layer(layers / "林带.gpkg", [line((500, 580), (700, 580))], 宽度=[width])
    return Study.read(file)


def rates_of(study: Study) -> Rates:
    """Compute areas and rates of a study, without carbon, pages and sheets."""
    inputs = read_inputs(study, input_files(study))
    zones = with_whole_map(inputs.zones, inputs.covers[0])
    stands = stand_inventory(study, inputs, zones)
    areas = area_tables(study, inputs, zones, stands).by_name
    return rate_tables(study, inputs, areas, estimates(study, inputs, areas))
