"""The layers that a study may have: their names, and how they look on a map."""

from __future__ import annotations

from typing import NamedTuple

from sinks.maps.elements import LAND_COVER, Look
from sinks.maps.inert import Words, words


class Role(NamedTuple):
    """How a layer of a study is named and drawn, and whether it shows at first."""

    name: Words
    look: Look
    show: bool = False


ROLES = {
    "town": Role(
        Words("镇（街道）", "Towns"),
        Look(colour="#4a4453", width=1.1, halo="#ffffff99", labels="town"),
        show=True,
    ),
    "forest": Role(
        Words("森林小班", "Forest stands"), Look(colour="#0a4d24", width=0.8, fill="#0a4d2433")
    ),
    "built_up": Role(
        Words("建成区", "Built-up area"), Look(colour="#8a1c56", width=1.6, dash=(6, 3))
    ),
    "wetland": Role(
        Words("湿地", "Wetlands"), Look(colour="#04607a", width=1.1, fill="#18a0c033")
    ),
    "protected": Role(
        Words("保护地", "Protected areas"),
        Look(colour="#6a1b9a", width=1.8, dash=(2, 2), fill="#6a1b9a1f"),
    ),
    "redline": Role(
        Words("生态保护红线", "Ecological red line"),
        Look(colour="#c8102e", width=1.8, fill="#c8102e14"),
    ),
    "rivers": Role(Words("登记河道", "Rivers"), Look(colour="#0b3d91", width=1.6)),
    "projects": Role(
        Words("修复造林项目", "Restoration"), Look(colour="#b35806", width=1.8, fill="#e0821433")
    ),
    "network_corridors": Role(
        Words("生态廊道", "Corridors of the networks"), Look(colour="#1b7837", width=1.4)
    ),
    "siting_units": Role(
        Words("选址单元", "Units of the next plan"),
        Look(colour="#d7301f", width=1.4, fill="#fdbb8466"),
    ),
    "site": Role(
        Words("重点区域", "Sites"), Look(colour="#0b3d91", width=1.8, labels="site"), show=True
    ),
    "district": Role(
        Words("区界", "District"),
        Look(colour="#1c2430", width=2.2, dash=(9, 4), halo="#ffffffcc", asked=False),
        show=True,
    ),
}
PLAIN = Look(colour="#444444", width=1.2)  # for layers that are none of these
_TREE_COUNT = Words("四旁树株数", "Trees outside stands")


_PARTS = {
    "quality": Words("质量波段", "quality band"),
    "training": Words("训练样本", "training places"),
    "splits": Words("划分用图斑", "splitting polygons"),
    "parcels": Words("官方图斑", "official parcels"),
    "labels": Words("判读表", "labels"),
    "decided": Words("裁定表", "decisions"),
}
_GROUPS = {
    "images": Words("影像", "Image"),
    "classifications": Words("分类图", "Classified map"),
    "samples": Words("概率样本", "Probability sample"),
}


def input_name(place: str) -> Words:
    """Return the name of an input by its place in the study.

    >>> input_name("land_cover.2025"), input_name("zones.town").en
    (Words(zh='土地覆盖 2025', en='Land cover 2025'), 'Towns')
    >>> input_name("classifications.lake.training").zh, input_name("samples.2025.labels.1").en
    ('分类图 lake 训练样本', 'Probability sample 2025 labels 1')
    """
    group, _, key = place.partition(".")
    if group == "land_cover":
        return Words(f"{LAND_COVER.zh} {key}", f"{LAND_COVER.en} {key}")
    if group in _GROUPS:
        parts = [_GROUPS[group], *(_PARTS.get(part, words(part)) for part in key.split("."))]
        return Words(" ".join(p.zh for p in parts), " ".join(p.en for p in parts))
    if key == "tree_count":
        return _TREE_COUNT
    role = ROLES.get(key or group)
    return role.name if role else words(place)
