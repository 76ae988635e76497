"""The best step of a quadratic model under linear limits."""

from typing import Any

import numpy as np

FLAT = 1e-8  # curvature that counts as none, relative to the largest


def best_step(slope: Any, hessian: Any, rows: Any, least: Any) -> tuple[Any, Any] | None:
    """p of max slope·p + ½ p·H p with rows p ≥ least, and the limits' multipliers; H made negative.

    With −H = LLᵀ and w = Lᵀp − L⁻¹slope it is the shortest w with G w ≥ h, which is a nonnegative
    least-squares problem (C. L. Lawson and R. J. Hanson, Solving Least Squares Problems, ch. 23).

    Args:
        slope: (n,).
        hessian: (n, n), symmetric; directions that curve upwards count as curving downwards.
        rows: (m, n).
        least: (m,).

    Returns:
        p and multipliers (m,), or None where no p keeps the limits.

    >>> step, price = best_step(np.array([3.0]), -np.eye(1), -np.eye(1), np.array([-1.0]))
    >>> step.round(9), price.round(9)
    (array([1.]), array([2.]))
    """
    from scipy.optimize import nnls

    curve, frame = np.linalg.eigh((hessian + hessian.T) / 2)
    curve = np.maximum(np.abs(curve), FLAT * max(np.abs(curve).max(), 1e-12))
    to_step = frame / np.sqrt(curve)  # p = to_step (w + c)
    c = to_step.T @ slope
    G = rows @ to_step
    h = least - G @ c
    weight = np.linalg.norm(np.column_stack([G, h]), axis=1)
    weight = np.where(weight > 0, weight, 1.0)
    E = np.vstack([(G / weight[:, None]).T, h / weight])
    target = np.zeros(len(E))
    target[-1] = 1.0
    try:
        step, length = nnls(E, target)
    except RuntimeError:  # too many steps
        return None
    left = E @ step - target
    if length < 1e-12 or left[-1] >= 0:  # −length², but for rounding
        return None
    w = -left[:-1] / left[-1]
    return to_step @ (w + c), step / weight / -left[-1]


def best_step_of_goals(goals: Any, slopes: Any, hessian: Any, rows: Any, least: Any) -> Any:
    """The step, and the weight of every goal: the smallest is made large by way of its own height.

    With several goals the height m is one more number, m ≤ f_i + slope_i·p for all of them.

    Args:
        goals: (g,).
        slopes: (n, g).
        hessian: of the weighted goals, (n, n).
        rows: (m, n) of limits rows·p ≥ least.
        least: (m,).

    Returns:
        p and weights (g,), or None where no p keeps the limits.
    """
    if len(goals) == 1:
        step_and_prices = best_step(slopes[:, 0], hessian, rows, least)
        return None if step_and_prices is None else (step_and_prices[0], np.ones(1))
    size = len(slopes)
    rows = np.column_stack([rows, np.zeros(len(rows))])
    above = np.column_stack([slopes.T, -np.ones(len(goals))])
    curved = np.zeros((size + 1, size + 1))
    curved[:size, :size] = hessian
    curved[size, size] = -1e-6 * np.abs(hessian).max(initial=1.0)
    slope = np.append(np.zeros(size), 1.0)
    bounds = np.concatenate([least, goals.min() - goals])
    step_and_prices = best_step(slope, curved, np.vstack([rows, above]), bounds)
    if step_and_prices is None:
        return None
    price = np.maximum(step_and_prices[1][-len(goals) :], 0.0)
    total = price.sum()
    return step_and_prices[0][:size], price / total if total > 0 else np.full(
        len(goals), 1 / len(goals)
    )
