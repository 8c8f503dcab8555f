"""The labelling page in a real browser: blind, offline, by keyboard, and back as labels."""

from __future__ import annotations

import re
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from playwright.sync_api import Browser, Page

from sinks.errors import InputRefused
from sinks.landcover.legend import LandClass, Legend
from sinks.maps import labelling
from sinks.maps.chips import DatedImage, image_chips
from sinks.maps.labelling import PRESSES, SCRIPTS, class_presses, page_words, write_labelling_page
from sinks.parameters.legends import house_legend
from sinks.sources.labels import read_labels
from sinks.sources.sample_files import blind_sample
from tests.maps.browser import Opened, opened
from tests.maps.labelling_scene import LEGEND, SECRETS, drawn, facts, image, sample, strata
from tests.maps.payloads import PAYLOADS
from tests.maps.scene import NORTH, WEST, grid_at

ASSETS = Path(__file__).parents[2] / "sinks" / "maps" / "assets"
PLACES = [(60, 60), (4, 4), (30, 90), (99, 33), (55, 55)]
TWO = sample(PLACES)
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def page_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("判读（2025）") / "样本 判读.html"
    images = [image("2018", seed=1), image("2025", seed=2)]
    return write_labelling_page(
        TWO, path, legend=LEGEND, title=("样本判读", "Labelling"), images=images
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(places=PLACES, *, two=True, legend=LEGEND, title="判读", images=(), language="zh"):
        return write_labelling_page(
            sample(list(places), two=two), tmp_path / "page.html", legend=legend, title=title,
            images=images, language=language,
        )  # fmt: skip

    return written


@contextmanager
def begun(browser: Browser, path: Path, name: str = "张三") -> Iterator[Page]:
    with opened(browser, path, width=1366, height=768) as seen:
        begin(seen.page, name)
        yield seen.page


def begin(page: Page, name: str = "张三") -> None:
    page.fill("dialog[open] input", name)
    page.keyboard.press("Enter")


def reload(seen: Opened) -> None:
    """Load a page again; that it asks for itself once more is no fault."""
    seen.page.reload()
    seen.requests.pop()
    begin(seen.page)


def until(page: Page, told: str) -> None:
    """Wait until an expression is true; the policy of the page forbids it to poll by itself."""
    for _ in range(200):
        if page.evaluate(told):
            return
        page.wait_for_timeout(25)
    pytest.fail(f"never: {told}")


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def labels_of(page: Page, number: int) -> list[str]:
    record = page.evaluate(f"sinks.page.labels.of({number})")
    return [record["label"], record["label_after"]]


def exported(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 CSV").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def refusal(code: str, act: Callable[[], object]) -> str:
    with pytest.raises(InputRefused) as refused:
        act()
    assert [finding.code for finding in refused.value.findings] == [code]
    return refused.value.findings[0].found("zh")


# ---- what stands in the file ---------------------------------------------------------------


def test_neither_stratum_nor_map_class_nor_weight_stands_in_the_page(page_path: Path) -> None:
    text = page_path.read_text(encoding="utf-8")
    design = TWO.design
    weights = {str(each) for name in ("weight_px", "weight_ha") for each in design[name]}
    for secret in (*SECRETS, *weights, "stratum", "map_class", "weight", "pixel_ha"):
        assert secret not in re.sub(r"font-weight|<style>.*?</style>", "", text, flags=re.S), (
            secret
        )


def test_the_policy_lets_only_the_page_itself_work(page_path: Path) -> None:
    text = page_path.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"(src|href)=\"(?!data:)", text)


def test_one_sample_gives_one_page_byte_for_byte(write: Write) -> None:
    images = [image("2018"), image("2025", seed=2)]
    assert write(images=images).read_bytes() == write(images=images).read_bytes()


def test_every_word_is_there_in_both_languages_and_used() -> None:
    code = "".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    for key, pair in page_words().items():
        assert set(pair) == {"zh", "en"}
        blanks = [set(re.findall(r"%(\w+)%", pair[language])) for language in ("zh", "en")]
        assert blanks[0] == blanks[1], key
        assert re.search(rf"'{key}'|\b{key}\b", code), key
    for key in re.findall(r"word\('(\w+)'", code):
        assert key in page_words(), key


def test_the_code_keeps_to_the_language_of_old_browsers_and_makes_no_html() -> None:
    newer = (
        r"\?\.[a-zA-Z(\[]",
        r"\?\?",
        r"\|\|=",
        r"&&=",
        r"replaceAll\(",
        r"innerHTML",
        r"eval\(",
    )
    for name in SCRIPTS:
        code = (ASSETS / name).read_text(encoding="utf-8")
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", code, flags=re.DOTALL)
        assert [each for each in newer if re.search(each, code)] == [], name
        assert len(code.splitlines()) <= 300


# ---- labelling -----------------------------------------------------------------------------


def test_three_samples_are_labelled_by_keys_undone_kept_exported_and_read_back(
    browser: Browser, page_path: Path, tmp_path: Path
) -> None:
    with opened(browser, page_path) as seen:
        page = seen.page
        begin(page)
        press(page, "3 3")  # the same key again: unchanged
        press(page, "3 7")
        press(page, "c 5 6")
        assert page.text_content(".lab-progress") == "已完成 3 / 5"
        press(page, "u u")  # back before both labels of the third
        assert labels_of(page, 3) == ["", ""]
        press(page, "1 2")
        reload(seen)
        assert page.text_content(".lab-progress") == "已完成 3 / 5"
        assert page.text_content(".lab-sample") == "样点 4"
        path = exported(page, tmp_path)
    assert path.read_bytes().startswith("\ufeffsample_hash,sample".encode())

    labels = read_labels(path, sample=TWO, legend=LEGEND, blanks="keep")

    rows = labels.frame.set_index("sample")
    assert labels.interpreters == ("张三",)
    assert rows.loc[1, ["label_1", "label_after_1"]].tolist() == ["PAD", "PAD"]
    assert rows.loc[2, ["label_1", "label_after_1"]].tolist() == ["PAD", "BLT"]
    assert rows.loc[3, ["label_1", "label_after_1", "confidence_1"]].tolist() == [
        "LAK", "RIV", "low",
    ]  # fmt: skip
    assert rows.loc[[4, 5], "label_1"].isna().all()


def test_each_interpreter_has_labels_of_their_own(browser: Browser, page_path: Path) -> None:
    with begun(browser, page_path) as page:
        press(page, "3 3")
        page.get_by_text("换人").click()
        begin(page, "李四")
        assert page.text_content(".lab-progress") == "已完成 0 / 5"
        page.get_by_text("换人").click()
        begin(page, "张三")
        assert page.text_content(".lab-progress") == "已完成 1 / 5"


def test_keys_move_skip_and_choose_the_date(browser: Browser, page_path: Path) -> None:
    with begun(browser, page_path) as page:
        press(page, "ArrowLeft")
        assert page.text_content(".lab-sample") == "样点 5"
        press(page, "ArrowRight s")
        assert page.text_content(".lab-sample") == "样点 2"
        press(page, "ArrowDown 4")
        assert labels_of(page, 2) == ["", "DRY"]
        assert page.text_content("#lab-question") == "2018：方框内是什么？"
        press(page, "1 1 1 1 1 1 1 1 1")  # the skipped one comes last
        assert page.text_content(".lab-sample") == "样点 1"
        press(page, "2 2")
        assert page.text_content(".lab-live") == "全部完成。请导出 CSV 并交回。"


def test_a_note_is_written_without_labelling(browser: Browser, page_path: Path) -> None:
    with begun(browser, page_path) as page:
        press(page, "n")
        page.keyboard.type("1 u s 鱼塘?")
        press(page, "Enter 3 3")
        assert page.evaluate("sinks.page.labels.of(1).note") == "1 u s 鱼塘?"
        assert labels_of(page, 1) == ["PAD", "PAD"]


def test_an_input_method_does_not_swallow_keys(browser: Browser, page_path: Path) -> None:
    with begun(browser, page_path) as page:
        for key, code in (("Process", "Digit3"), ("３", "Numpad3")):
            page.evaluate(
                "([key, code]) => document.dispatchEvent(new KeyboardEvent('keydown', "
                "{ key, code, bubbles: true }))",
                [key, code],
            )
        assert labels_of(page, 1) == ["PAD", "PAD"]


def test_everything_is_reached_by_tab_and_focus_is_seen(browser: Browser, page_path: Path) -> None:
    with begun(browser, page_path) as page:
        reached = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            tag, name, outline = page.evaluate(
                "[document.activeElement.tagName, document.activeElement.textContent,"
                " getComputedStyle(document.activeElement).outlineStyle]"
            )
            assert outline == "solid" or tag in ("BODY", "DIV")  # the page and what scrolls
            reached.add(name.strip())
        shown = {text.strip() for text in page.locator(".lab button:visible").all_text_contents()}
        assert shown <= reached
        page.locator(".lab-class").nth(2).focus()
        press(page, "Enter")
        assert labels_of(page, 1) == ["PAD", ""]
        assert page.locator(".lab-class").nth(2).text_content() == "3水田✓ 2018"


def test_without_storage_the_page_warns_and_still_exports(
    browser: Browser, page_path: Path, tmp_path: Path
) -> None:
    context = browser.new_context(locale="zh-CN")
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied'); } })"
    )
    page = context.new_page()
    page.goto(page_path.as_uri())
    begin(page)
    assert page.get_by_role("alert").is_visible()
    press(page, "3 3")
    path = exported(page, tmp_path)
    context.close()

    labels = read_labels(path, sample=TWO, legend=LEGEND, blanks="keep")
    assert labels.frame.loc[0, "label_1"] == "PAD"


def test_what_cannot_be_read_in_storage_is_not_written_over(
    browser: Browser, page_path: Path
) -> None:
    with opened(browser, page_path) as seen:
        page = seen.page
        begin(page)
        slot = page.evaluate("sinks.page.labels.slot")
        page.evaluate("(slot) => localStorage.setItem(slot, '{broken')", slot)
        reload(seen)
        press(page, "3 3")
        assert page.get_by_role("alert").is_visible()
        assert page.evaluate("(slot) => localStorage.getItem(slot)", slot) == "{broken"


def test_a_second_window_shows_what_was_said_in_the_first(
    browser: Browser, page_path: Path
) -> None:
    with begun(browser, page_path) as page:
        other = page.context.new_page()
        other.goto(page_path.as_uri())
        begin(other)
        press(other, "3 3")
        until(page, "sinks.page.labels.count === 1")
        assert page.text_content(".lab-progress") == "已完成 1 / 5"
        assert page.text_content(".lab-sample") == "样点 1"


def test_an_earlier_export_is_taken_up_again(
    browser: Browser, page_path: Path, tmp_path: Path
) -> None:
    with begun(browser, page_path) as page:
        press(page, "n")
        page.keyboard.type('=1+1, "水塘"')
        press(page, "Enter 3 3 5 6")
        path = exported(page, tmp_path)
    with begun(browser, page_path) as page:  # another browser profile: nothing is kept in it
        assert page.text_content(".lab-progress") == "已完成 0 / 5"
        page.set_input_files("input[type=file]", path)
        until(page, "sinks.page.labels.count === 2")
        assert labels_of(page, 2) == ["BLF", "MAR"]
        assert page.evaluate("sinks.page.labels.of(1).note") == '=1+1, "水塘"'
        assert page.text_content(".lab-live") == "已导入 2 个样点的标签"


UNFIT = {  # what is changed in an export, and what is then said
    TWO.hash: ("0" * 16, "样本编号"),
    "张三": ("李四", "李四，不是您"),
    f"{TWO.hash},5": (f"{TWO.hash},9", "样点 9"),
    "PAD": ("稻田", "稻田"),
    "label_after,": ("x,", "没有 label_after 列"),
    "\r\n": (',"x', "没有 sample_hash 列"),
}


def test_a_file_that_does_not_fit_is_not_imported(
    browser: Browser, page_path: Path, tmp_path: Path
) -> None:
    with begun(browser, page_path) as page:
        press(page, "3 3")
        path = exported(page, tmp_path)
        text = path.read_bytes().decode()
        for old, (new, said) in UNFIT.items():
            path.write_bytes(text.replace(old, new).encode())
            page.set_input_files("input[type=file]", path)
            until(page, "sinks.page.file.value === ''")
            assert said in (page.text_content(".lab-live") or "")
            assert labels_of(page, 1) == ["PAD", "PAD"]


def test_a_file_that_excel_saved_in_gbk_is_imported(
    browser: Browser, page_path: Path, tmp_path: Path
) -> None:
    with begun(browser, page_path) as page:
        press(page, "3 3")
        path = exported(page, tmp_path)
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("gb18030"))
    with begun(browser, page_path) as page:
        page.set_input_files("input[type=file]", path)
        until(page, "sinks.page.labels.count === 1")


def test_one_date_needs_one_key(browser: Browser, write: Write) -> None:
    with begun(browser, write(two=False, images=[image("2025")])) as page:
        press(page, "3 7")
        assert page.text_content(".lab-progress") == "已完成 2 / 5"


def test_two_thousand_samples_answer_a_key_before_anyone_notices(
    browser: Browser, write: Write
) -> None:
    places = [divmod(i, 60) for i in range(2000)]
    small = replace(image("2025"), size_px=24)
    with begun(browser, write(places, images=[small])) as page:
        median_ms = page.evaluate(
            """() => {
              const spent = [];
              for (let i = 0; i < 101; i++) {
                const start = performance.now();
                document.dispatchEvent(new KeyboardEvent('keydown', { key: '3', bubbles: true }));
                spent.push(performance.now() - start);
              }
              return spent.sort((a, b) => a - b)[50];
            }"""
        )
        assert page.text_content(".lab-progress") == "已完成 50 / 2000"
    assert median_ms < 100  # what people take for at once


# ---- what is seen --------------------------------------------------------------------------


def test_names_that_would_act_are_shown_letter_by_letter(
    browser: Browser, write: Write, tmp_path: Path
) -> None:
    base = LEGEND.classes[0]
    chosen = PAYLOADS[: len(PRESSES)]
    classes = tuple(
        replace(base, code=i + 1, key=f"k{i}", zh=each, en=each) for i, each in enumerate(chosen)
    )
    title = " | ".join(PAYLOADS)
    images = [replace(image("2018"), label=each) for each in PAYLOADS[-3:]]
    path = write(legend=Legend(name="hostile", classes=classes), title=title, images=images)
    interpreter = "=<img src=x onerror=window.hacked=1>'\",{{7*7}}"[:40]
    with begun(browser, path, interpreter) as page:
        press(page, "n")
        page.keyboard.insert_text(PAYLOADS[33])
        press(page, "Enter 1 1")
        seen = Opened(page)
        assert seen.texts(".lab-class bdi") == list(chosen)
        assert seen.texts("h1 bdi") == [title]
        assert seen.texts(".lab-person") == [f"判读人：{interpreter.strip()}"]
        assert page.evaluate("window.hacked") is None
        csv = exported(page, tmp_path)
    labels = read_labels(
        csv, sample=TWO, legend=Legend(name="hostile", classes=classes), blanks="keep"
    )
    assert labels.interpreters == (interpreter.strip(),)
    assert labels.frame.loc[0, "note_1"] == PAYLOADS[33].strip()


def test_the_pixel_of_the_sample_is_outlined_and_uncovered(browser: Browser, write: Write) -> None:
    held = image("2025", seed=3)
    values = held.image.values  # type: ignore[attr-defined]
    values[:, 60, 60] = [1200, 0, 1200, 0]  # magenta, nowhere else
    with begun(browser, write(two=False, images=[held])) as page:
        until(page, "document.querySelector('.lab-chip canvas').width > 400")
        page.wait_for_timeout(100)
        size, strip = page.evaluate(
            """() => {
              const canvas = document.querySelector('.lab-chip canvas');
              const row = Math.round(canvas.width / 48 * 24.5);
              const data = canvas.getContext('2d').getImageData(0, row, canvas.width, 1).data;
              return [canvas.width, Array.from(data)];
            }"""
        )
    zoom = size // 48
    assert zoom >= 8  # not tiny on a small laptop
    row = np.array(strip).reshape(-1, 4)[:, :3]
    inside = row[24 * zoom : 25 * zoom]
    assert (inside[1:-1] == [255, 1, 255]).all()
    around = row[[24 * zoom - 1, 25 * zoom]]  # the outline begins where the pixel ends
    np.testing.assert_allclose(around, [[255, 225, 0]] * 2, atol=60)


def test_no_data_is_hatched_and_a_missing_image_said_in_words(
    browser: Browser, write: Write
) -> None:
    path = write([(4, 4), (60, 60), (500, 500)], images=[image("2018"), image("2025")])
    with begun(browser, path) as page:
        page.wait_for_timeout(100)
        colours = page.evaluate(
            "new Set(document.querySelector('canvas').getContext('2d')"
            ".getImageData(5, 5, 60, 60).data).size"
        )
        assert colours > 2  # stripes, not one colour
        press(page, "ArrowLeft")
        page.wait_for_timeout(100)
        assert page.locator(".lab-missing:visible").all_text_contents() == ["此处没有影像"] * 2
        assert page.locator("canvas:visible").count() == 0


def test_without_images_there_are_coordinates_to_look_a_place_up(
    browser: Browser, write: Write
) -> None:
    with begun(browser, write()) as page:
        assert page.locator(".lab-missing").is_visible()
        places = TWO.points.iloc[0]
        shown = page.text_content(".lab-places") or ""
        assert f"{places['lon']:.6f}, {places['lat']:.6f}" in shown
        assert "EPSG:4549" in shown


def test_views_and_languages_are_switched(browser: Browser, page_path: Path) -> None:
    with begun(browser, page_path) as page:
        assert page.text_content(".lab-stage .lab-row button:last-child") == "真彩色（F 键切换）"
        press(page, "f")
        page.get_by_text("EN", exact=True).click()
        assert page.text_content(".lab-stage .lab-row button:last-child") == (
            "False colour (press F to switch)"
        )
        assert page.text_content("h1") == "Labelling"
        left = page.evaluate("document.querySelector('.lab').innerText")
        assert re.findall(r"[\u4e00-\u9fff]+", left) == ["张三", "中文"]
        assert page.evaluate("document.documentElement.lang") == "en"


def test_an_english_page_opens_in_english(browser: Browser, write: Write) -> None:
    with opened(browser, write(language="en")) as seen:
        assert seen.page.text_content("dialog[open] h2") == "Who is labelling?"


def test_only_a_made_up_sample_or_image_raises_the_banner(tmp_path: Path) -> None:
    real, path = TWO, tmp_path / "a.html"
    made_up = blind_sample(drawn(PLACES), strata(), facts(synthetic=("影像",)))
    shown = [
        "合成数据" in write_labelling_page(each, path, legend=LEGEND, title="x", images=images)
        .read_text(encoding="utf-8")
        for each, images in (
            (real, []), (made_up, []), (real, [replace(image("2025"), synthetic=True)]),
        )
    ]  # fmt: skip
    assert shown == [False, True, True]


def test_nothing_is_cut_off_on_common_screens(browser: Browser, write: Write) -> None:
    path = write(legend=house_legend(), images=[image("2018"), image("2025")])
    with begun(browser, path) as page:
        for width, height in ((1366, 768), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            for _ in ("zh", "en"):
                page.locator("[aria-label*=English], [aria-label*=中文]").click()
                page.wait_for_timeout(100)
                assert page.evaluate(CUT_OFF) == []
                buttons = page.locator(".sinks-header .sinks-buttons").bounding_box()
                assert buttons
                assert width - 20 < buttons["x"] + buttons["width"] < width
                assert page.evaluate("document.querySelector('canvas').clientWidth") >= width / 3


CUT_OFF = """() => ['.lab-stage', '.lab-side', '.lab-figures', '.sinks-header', '.lab-row']
  .flatMap((each) => Array.from(document.querySelectorAll(each)))
  .filter((n) => n.scrollHeight > n.clientHeight + 1 || n.scrollWidth > n.clientWidth + 1)
  .map((n) => n.className)"""


# ---- chips ---------------------------------------------------------------------------------


def shades(text: str, size: int) -> np.ndarray:
    steps = np.frombuffer(zlib.decompress(b64decode(text)), dtype=np.uint8)
    return np.cumsum(steps.reshape(-1, size, size), axis=2, dtype=np.uint8)


def chips_of(images: list[DatedImage], places=PLACES, pixel=(10.0, 10.0), **given):
    return image_chips(sample(list(places)).points, images, pixel=pixel, **given)


def test_planes_hold_the_stretched_pixels_and_zero_where_nothing_is_known():
    held = image("2025")
    (chips,) = chips_of([held], stretch=(0, 100))

    values = held.image.values[[2, 1, 0, 3]]  # red, green, blue, near infrared
    seen = [values[:, max(r - 24, 0) : r + 24, max(c - 24, 0) : c + 24] for r, c in PLACES]
    low, high = (
        np.array([f(np.concatenate([s[b].ravel() for s in seen])) for b in range(4)])
        for f in (np.nanmin, np.nanmax)
    )
    expected = np.round((seen[0] - low[:, None, None]) / (high - low)[:, None, None] * 254) + 1
    np.testing.assert_array_equal(shades(chips.planes[0], 48), expected)
    corner = shades(chips.planes[1], 48)  # its sample is pixel (4, 4)
    assert (corner[:, :20] == 0).all()  # north of the image
    assert (corner[:, 20:30, 20:30] == 0).all()  # no data
    assert (corner[:, 30:, 30:] > 0).all()
    assert chips.views == {"natural": (0, 1, 2), "false": (3, 0, 1)}
    assert chips.metres_per_px == pytest.approx(10, rel=1e-4)


def test_the_outline_is_the_pixel_of_the_map_on_the_grid_of_the_image():
    coarse = replace(image("2025"), image=replace(image("2025").image, grid=grid_at((120, 120))))
    (same,) = chips_of([coarse])
    assert same.outlines[0] == (24, 24, 25, 24, 25, 25, 24, 25)

    finer = Affine(2.5, 0, WEST, 0, -2.5, NORTH)
    grid = replace(grid_at((480, 480)), transform=finer)
    (fine,) = chips_of([image("2025", side=480, grid=grid)])
    west, north = fine.outlines[0][:2]
    assert fine.outlines[0] == (west, north, west + 4, north, west + 4, north + 4, west, north + 4)
    assert (west, north) == (22, 22)  # pixel 240 of 480, whose middle is that of the sample


def test_all_dates_share_one_stretch_unless_their_numbers_have_nothing_in_common():
    bright, dark = image("2025"), image("2018")
    dark.image.values[:] *= 0.9
    first, second = chips_of([bright, dark])
    assert (first.comparable, second.comparable) == (True, True)
    a, b = (shades(each.planes[0], 48).astype(float).mean() for each in (first, second))
    assert b < a

    dark.image.values[:] /= 10_000  # reflectance beside digital numbers
    first, second = chips_of([bright, dark])
    assert (first.comparable, second.comparable) == (False, False)
    np.testing.assert_array_equal(shades(first.planes[0], 48), shades(second.planes[0], 48))


def test_a_thousand_samples_at_two_dates_stay_below_forty_megabytes():
    held = image("2025")
    held.image.values[:] = np.random.default_rng(0).random(held.image.values.shape)
    (chips,) = chips_of([held])  # noise does not get smaller by deflating
    assert max(map(len, chips.planes)) * 2 * 1000 < 40e6


def test_an_image_without_the_bands_of_a_view_is_refused_and_other_bands_may_be_named():
    odd = image("2025", bands=("nir", "red", "green"))
    assert "blue" in refusal("A10", lambda: chips_of([odd]))
    (chips,) = chips_of([replace(odd, natural=("nir", "red", "green"), false_colour=None)])
    assert list(chips.views) == ["natural"]


def test_an_image_that_shows_no_sample_is_refused():
    assert "5" in refusal(
        "A11", lambda: chips_of([image("2025")], [(500 + i, 9) for i in range(5)])
    )


def test_a_sample_wider_than_half_a_chip_is_refused_with_the_size_it_needs():
    found = refusal("A12", lambda: chips_of([image("2025")], pixel=(500.0, 500.0)))
    assert "50" in found


def test_more_classes_than_keys_are_refused():
    classes = tuple(
        LandClass(
            code=i, key=f"k{i}", zh=f"类{i}", en=f"c{i}", colour="#111111", ipcc="other_land"
        )
        for i in range(1, 40)
    )
    legend = Legend(name="long", classes=classes)
    assert "39" in refusal("A13", lambda: class_presses(legend))
    assert not set("cfnsu") & set(PRESSES)
    assert len(set(PRESSES)) == len(PRESSES)


def test_a_page_that_grew_too_large_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelling, "MAX_MB", 0.01)
    refusal("A14", lambda: write(images=[image("2025")]))
