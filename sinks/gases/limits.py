"""What people enter about fields, reservoirs and prices must be possible."""

from __future__ import annotations

from sinks.errors import InputRefused


def require_between(name: str, found: float, low: float, high: float) -> None:
    """Refuse a figure that lies outside what is possible, or is no number.

    Raises
    ------
    InputRefused
        ``Y09``.
    """
    if not low <= found <= high:
        said = {"found": f"{found:g}", "low": f"{low:g}", "high": f"{high:g}"}
        raise InputRefused.because("Y09", name=name, **said)
