"""How sure a measured share is."""

from __future__ import annotations

from math import sqrt

Z = 1.959963984540054  # the normal distribution leaves 2.5 % beyond it on either side


def wilson(right: int, images: int) -> tuple[float, float]:
    """The 95 % interval of an accuracy: Wilson, "Probable inference", J. Am. Stat. Association 22 (1927)."""
    share, spread = right / images, Z * Z / images
    middle, half = share + spread / 2, sqrt(spread * (share * (1 - share) + spread / 4))
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)
