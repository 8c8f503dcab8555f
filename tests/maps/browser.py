"""Pages opened in a real browser, with no network and with a record of everything amiss."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]  # fmt: skip


def launched(playwright: Playwright) -> Browser:
    """Start the Chromium of the machine, or playwright's own where there is none."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=ARGUMENTS
    )


@dataclass
class Opened:
    """A page, and what it asked for or complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def run(self, script: str, argument: Any = None) -> Any:
        """Run a function of JavaScript; ``map``, ``room`` and ``sinks`` are at hand."""
        prelude = (
            "const map = window[Object.keys(window).find((k) => /^map_\\d+$/.test(k))];"
            "const room = window.sinks && sinks.of(map);"
        )
        return self.page.evaluate(
            f"async (given) => {{ {prelude} return ({script})(given); }}", argument
        )

    def settle(self) -> None:
        """Wait until every layer is painted."""
        self.run("() => sinks.settled(map)")

    def texts(self, selector: str) -> list[str]:
        """Return the exact text of every element that ``selector`` finds, shown or not."""
        return self.page.eval_on_selector_all(selector, "nodes => nodes.map(n => n.textContent)")


def complaint(message: ConsoleMessage) -> list[str]:
    """Return what the console says is amiss, but not that tests read canvases back."""
    amiss = message.type in ("error", "warning") and "willReadFrequently" not in message.text
    return [message.text] if amiss else []


@contextmanager
def opened(
    browser: Browser, path: Path, *, width: int = 1440, height: int = 900
) -> Iterator[Opened]:
    """Open a file and fail afterwards if it asked for anything or complained."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    seen = Opened(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (seen.complaints.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: seen.complaints.extend(complaint(message)))
    page.goto(path.as_uri())
    try:
        yield seen
        page.wait_for_timeout(50)
        outside = [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))]
        assert outside == []
        assert seen.requests.count(path.as_uri()) == 1
        assert seen.complaints == []
    finally:
        context.close()
