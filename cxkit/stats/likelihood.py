"""The greatest value of a log-likelihood whose parameters are all positive.

Newton's method on the logarithms of the parameters: with exact second derivatives it needs about
ten passes over the data, gives the same digits every time, and its last step tells how far from
the top it stands, in units of log-likelihood. numpy only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Curve = tuple[float, Floats, Floats]  # value, first and second derivatives

Likelihood = Callable[..., "Curve"]  # of the parameters themselves

FAR = 12.0  # |log parameter| from here on counts as zero or infinity
_STEPS, _LONGEST = 200, 1.5  # a step changes no parameter by more than a factor e^1.5
_LEVEL = 1e-13  # a gain of log-likelihood that is none
_NOISE = 1e-13  # of the value, what rounding may take away


@dataclass(frozen=True)
class Peak:
    """Where a climb ended.

    Args:
        parameters: positive, in the order of the start.
        value: log-likelihood there, without any penalty.
        reached: whether it is a top; else some parameter ran away to zero or to infinity.
        penalty: weight of the squared log parameters, 0 if there was none.
    """

    parameters: tuple[float, ...]
    value: float
    reached: bool
    penalty: float = 0.0


def highest(likelihood: Likelihood, starts: Sequence[Sequence[float]]) -> Peak:
    """The top reached from the first start; if none is, the best of the climbs from all.

    Args:
        likelihood: gives value, gradient and Hessian for positive parameters.
        starts: positive parameters, in the order in which they are tried.

    Returns:
        The peak; not `reached` where the likelihood rises forever.
    """
    first = climb(likelihood, starts[0])
    if first.reached:
        return first
    return max((first, *(climb(likelihood, start) for start in starts[1:])), key=lambda p: p.value)


def climb(likelihood: Likelihood, start: Sequence[float], penalty: float = 0.0) -> Peak:
    """Climb from a start to the top of a log-likelihood.

    Args:
        likelihood: gives value, gradient and Hessian for positive parameters.
        start: positive parameters, best near 1.
        penalty: subtracts penalty · sum (log parameter)^2, which draws each towards 1; with it
            parameters may go as far as e^±24 instead of e^±12.

    Returns:
        The peak, to about 1e-7 standard errors where it is `reached`.

    Formula:
        steps |H|^-1 g with the absolute eigenvalues of the Hessian, so that a saddle repels
        (Dauphin et al. 2014), halved until the value rises; done when half of g' |H|^-1 g, the
        gain that is left, is nothing.
    """
    import numpy as np

    at = np.log(np.asarray(start, dtype=float))
    far = FAR * (2 if penalty else 1)
    value, slope, bend = _in_logs(likelihood, at, penalty)
    for _ in range(_STEPS):
        step, concave = _newton(slope, bend)
        if concave and slope @ step / 2 < _LEVEL:
            return _peak(likelihood, at + step, penalty, reached=True)
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        while True:
            height, *curve = _in_logs(likelihood, at + step, penalty)
            if height >= value - _NOISE * abs(value):
                break
            step /= 2
            if np.abs(step).max() < 1e-12:
                return _peak(likelihood, at, penalty, reached=False)
        at, value, (slope, bend) = at + step, height, curve
        if np.abs(at).max() > far:
            break
    return _peak(likelihood, at, penalty, reached=False)


def _newton(slope: Floats, bend: Floats) -> tuple[Floats, bool]:
    """The step uphill, and whether the ground is curved like a hill in all directions."""
    import numpy as np

    curvature, axes = np.linalg.eigh(-bend)
    steep = np.maximum(np.abs(curvature), 1e-14 * np.abs(curvature).max() + 1e-300)
    return axes @ ((axes.T @ slope) / steep), bool(curvature.min() > 0)


def _in_logs(likelihood: Likelihood, at: Floats, penalty: float) -> tuple[Any, ...]:
    """Value, gradient and Hessian by the log parameters, penalty included."""
    import numpy as np

    scale = np.exp(at)
    value, slope, bend = likelihood(*scale)
    slope = slope * scale
    bend = bend * np.outer(scale, scale) + np.diag(slope)
    return (
        value - penalty * float(at @ at),
        slope - 2 * penalty * at,
        bend - 2 * penalty * np.eye(len(at)),
    )


def _peak(likelihood: Likelihood, at: Floats, penalty: float, *, reached: bool) -> Peak:
    import numpy as np

    parameters = tuple(float(value) for value in np.exp(at))
    return Peak(parameters, float(likelihood(*parameters)[0]), reached, penalty)
