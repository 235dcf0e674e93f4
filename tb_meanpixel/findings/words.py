"""How numbers are said: the same in every sentence."""

from __future__ import annotations

import math

from tb_meanpixel.findings.history import History


def percent(share: float) -> str:
    """A share in words; a little is not nothing, and nearly all is not all.

    Example:
        >>> percent(0.214), percent(0.0004), percent(0.9999), percent(2.5)
        ('21 %', '0.04 %', '99.99 %', '250 %')
    """
    number = 100 * share
    for places in (0, 1, 2):
        text = f"{number:.{places}f}"
        if float(text) >= 1 and (number <= 99.5 or number >= 100 or float(text) < 100):
            return f"{text} %"
    return "less than 0.01 %" if number < 0.005 else f"{number:.2f} %"


def amount(intensity: float, history: History) -> str:
    """An intensity without its sign, to a tenth of a grey level.

    Example: 0.0833 in 0..1 is 0.083; 21.24 in 0..255 is 21.2.
    """
    return f"{abs(intensity):.{digits(history)}f}"


def digits(history: History) -> int:
    """Digits behind the point that a tenth of a grey level needs."""
    return max(0, 3 - math.floor(math.log10(history.span)))
