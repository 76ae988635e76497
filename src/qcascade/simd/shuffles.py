"""SIMD moves of `lanes` between any two places, and transposition of 8×8 tiles, for Numba."""

from typing import Any

import numba
from llvmlite import ir
from numba.core import types

from .vectors import ALIGN, Lanes, intrinsic


def _place(builder: Any, count: int, w: Any, place: Any) -> Any:
    vector = ir.VectorType(ir.DoubleType(), count)
    return builder.bitcast(builder.gep(w, [place]), vector.as_pointer())


@intrinsic
def load_at(typing: Any, w: Any, place: Any) -> Any:
    """As many numbers as w has lanes, from the number `place` on."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(builder, sig.args[0].count, *args), align=ALIGN)

    return Lanes(w.count)(w, types.intp), emit


@intrinsic
def store_at(typing: Any, w: Any, place: Any, value: Any) -> Any:
    """Set as many numbers as w has lanes, from the number `place` on."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _place(builder, sig.args[0].count, args[0], args[1]), align=ALIGN)
        return context.get_dummy_value()

    return types.void(w, types.intp, value), emit


def _shuffle(*chosen: int) -> Any:
    """The instruction that picks numbers out of x (0–7) and y (8–15)."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), 8), list(chosen))

    @intrinsic
    def shuffle(typing: Any, x: Any, y: Any) -> Any:
        return x(x, y), lambda context, builder, sig, args: builder.shuffle_vector(*args, mask)

    return shuffle


evens = _shuffle(0, 2, 4, 6, 8, 10, 12, 14)
odds = _shuffle(1, 3, 5, 7, 9, 11, 13, 15)
zip_low = _shuffle(0, 8, 1, 9, 2, 10, 3, 11)
zip_high = _shuffle(4, 12, 5, 13, 6, 14, 7, 15)
_even_ones = _shuffle(0, 8, 2, 10, 4, 12, 6, 14)
_odd_ones = _shuffle(1, 9, 3, 11, 5, 13, 7, 15)
_even_twos = _shuffle(0, 1, 8, 9, 4, 5, 12, 13)
_odd_twos = _shuffle(2, 3, 10, 11, 6, 7, 14, 15)
_even_fours = _shuffle(0, 1, 2, 3, 8, 9, 10, 11)
_odd_fours = _shuffle(4, 5, 6, 7, 12, 13, 14, 15)


@numba.njit(nogil=True, inline="always")
def transposed(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """The columns of eight rows of eight numbers."""
    # Elements trade places across the diagonal of every 2×2 tile, then 2×2 tiles across that of
    # every 4×4 one, then 4×4 tiles: 24 instructions for 64 numbers, all within registers.
    a, b, c, d = _even_ones(a, b), _odd_ones(a, b), _even_ones(c, d), _odd_ones(c, d)
    e, f, g, h = _even_ones(e, f), _odd_ones(e, f), _even_ones(g, h), _odd_ones(g, h)
    a, b, c, d = _even_twos(a, c), _even_twos(b, d), _odd_twos(a, c), _odd_twos(b, d)
    e, f, g, h = _even_twos(e, g), _even_twos(f, h), _odd_twos(e, g), _odd_twos(f, h)
    return (
        _even_fours(a, e),
        _even_fours(b, f),
        _even_fours(c, g),
        _even_fours(d, h),
        _odd_fours(a, e),
        _odd_fours(b, f),
        _odd_fours(c, g),
        _odd_fours(d, h),
    )
