"""The words of findings: numbers, steps and the loss, the same in every sentence."""

from __future__ import annotations

import math

from tb_meanpixel.findings.episodes import Episode, Verdict, loss_change, loss_levels
from tb_meanpixel.findings.history import History
from tb_meanpixel.statistics.value_range import ends

# Smaller changes of the loss are not worth a sentence.
_MIN_LOSS_CHANGE = 0.03

# A number with more places behind the point is written with an exponent.
_MOST_PLACES = 9

# Episodes beside the worst one that a sentence names.
_TOLD = 3


def sentence(title: str, history: History, verdict: Verdict, body: str) -> str:
    """The whole text of a finding: what, since when, how much, and what the loss did.

    Example: "Frozen since epoch 14. The outputs have not changed at all. The loss rose 20%."
    """
    # The body may begin with a number in words: "less than 0.01% of ...".
    body = body[:1].upper() + body[1:]
    main = verdict.main
    if verdict.is_early:
        so_far = main.last - main.first + 1
        title = f"{title} so far, in {so_far} of the {verdict.needed} records that it takes to tell"
        return f"{title}. {body}"
    title = f"{title} {when(history, main)}{also(history, verdict)}"
    return " ".join(filter(None, (f"{title}.", body, loss_sentence(history, main))))


def when(history: History, episode: Episode) -> str:
    """Example: "since epoch 14", "in epochs 14 to 20", "in epoch 3"."""
    first, last = (int(history.steps[index]) for index in episode)
    unit = history.unit
    if episode.last == len(history.steps) - 1 and first != last:
        return f"since {unit} {first}"
    return f"in {unit} {first}" if first == last else f"in {unit}s {first} to {last}"


def also(history: History, verdict: Verdict) -> str:
    """The other episodes. Example: " (also in epoch 3 and in epochs 5 to 9)"."""
    others = verdict.episodes[1:]
    if not others:
        return ""
    told = [when(history, episode) for episode in others[:_TOLD]]
    if len(others) > _TOLD:
        told.append(f"{len(others) - _TOLD} more times")
    *first, last = told
    return f" (also {', '.join(first)} and {last})" if first else f" (also {last})"


def loss_sentence(history: History, episode: Episode) -> str:
    """What the loss did meanwhile; empty if it is not known or hardly moved."""
    before, now = loss_levels(history, episode)
    change = loss_change(history, episode)
    if not abs(change) >= _MIN_LOSS_CHANGE:  # NaN too
        return ""
    # Through zero, or to a multiple: a percentage would say little.
    size = f"from {before:.4g} to {now:.4g}" if abs(change) > 1 else percent(abs(change))
    return f"The loss does not show it: it fell {size}." if change < 0 else f"The loss rose {size}."


def percent(share: float) -> str:
    """A share in %; a little is not nothing, and nearly all is not all.

    Example:
        >>> percent(0.214), percent(0.0029), percent(0.9999), percent(2.5), percent(0)
        ('21%', '0.3%', '99.99%', '250%', '0%')
        >>> percent(0.00001), percent(0.999999)
        ('less than 0.01%', 'more than 99.99%')
    """
    if not math.isfinite(share):
        return "an unknown share"
    number = 100 * share
    if 0 < number < 0.005:
        return "less than 0.01%"
    if 0 < number < 0.95:
        return f"{number:.{1 if number >= 0.095 else 2}f}%"
    for places in (0, 1, 2):
        text = f"{number:.{places}f}"
        if number <= 99.5 or number >= 100 or float(text) < 100:
            return f"{text}%"
    return "more than 99.99%"


def amount(intensity: float, history: History) -> str:
    """An intensity without its sign, to a tenth of a grey level.

    Example: 0.0833 in 0..1 is 0.083; 21.24 in 0..255 is 21.2.
    """
    return plain(abs(intensity), _digits(history))


def shift(intensity: float, history: History) -> str:
    """The same with its sign, but for zero: "+0.083", "-0.020", "0.000"."""
    text = plain(intensity, _digits(history))
    return f"+{text}" if intensity > 0 and float(text) else text


def plain(value: float, places: int) -> str:
    """A number with so many places; no sign of zero, and a word for what is not known.

    Example:
        >>> plain(0.126, 2), plain(-0.001, 2), plain(float("nan"), 2), plain(2.5e-31, 33)
        ('0.13', '0.00', 'unknown', '2.5e-31')
    """
    if not math.isfinite(value):
        return "unknown"
    text = f"{value:.{places}f}" if places <= _MOST_PLACES else f"{value:.3g}"
    return text if float(text) else text.lstrip("-")


def interval(low: float, high: float) -> str:
    """The limits of a range, with as many digits as tell them apart.

    Example:
        >>> interval(0, 1), interval(-0.5, 255), interval(1_000_000, 1_000_001)
        ('0 to 1', '-0.5 to 255', '1000000 to 1000001')
    """
    return " to ".join(ends(low, high))


def limit(value: float, low: float, high: float) -> str:
    """One limit of a range, as `interval` writes it."""
    return ends(low, high)[value == high]


def _digits(history: History) -> int:
    """Digits behind the point that a tenth of a grey level needs."""
    return max(0, 3 - math.floor(math.log10(history.span)))
