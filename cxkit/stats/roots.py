"""The root of a function between two ends."""

from __future__ import annotations

from collections.abc import Callable


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root between low and high, to the last digits of a float.

    Inverse quadratic interpolation where it is safe, bisection elsewhere, so that the bracket
    always closes (Chandrupatla 1997, Adv. Eng. Software 28:145). One end is returned when both
    have the same sign, which rounding can cause when the root is an end.
    """
    a, b = high, low
    value_a, value_b = function(a), function(b)
    if value_a * value_b >= 0:
        return a if abs(value_a) < abs(value_b) else b
    step = 0.5
    while True:
        x = a + step * (b - a)
        value_x = function(x)
        if (value_x > 0) == (value_a > 0):
            c, value_c = a, value_a
        else:
            c, value_c, b, value_b = b, value_b, a, value_a
        a, value_a = x, value_x
        best = a if abs(value_a) < abs(value_b) else b
        narrow = (1e-16 + 4e-16 * abs(best)) / abs(b - a)
        if narrow >= 0.5 or value_a == 0:
            return best
        step = _next_step((a, b, c), (value_a, value_b, value_c))
        step = min(1 - narrow, max(narrow, step))


def _next_step(x: tuple[float, float, float], f: tuple[float, float, float]) -> float:
    (a, b, c), (value_a, value_b, value_c) = x, f
    if value_c == value_b:
        return 0.5
    xi, phi = (a - b) / (c - b), (value_a - value_b) / (value_c - value_b)
    if not (phi * phi < xi and (1 - phi) ** 2 < 1 - xi):
        return 0.5
    first = value_a / (value_b - value_a) * value_c / (value_b - value_c)
    second = value_a / (value_c - value_a) * value_b / (value_c - value_b)
    return first + (c - a) / (b - a) * second
