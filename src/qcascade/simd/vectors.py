"""Numbers that are several points at once: SIMD vectors of float64 for Numba kernels.

`Lanes(8)` holds the same matrix element of eight points; `+ − × ÷` act on all eight in one
instruction. Kernels written with them keep one algorithm for one point and for eight, and
round alike in both: `fma` is the only place where a product and a sum may fuse.

A kernel's memory w is a float64 array seen through `memory`, whose type fixes the number of
lanes at compile time: element i of it is that many numbers, side by side.
"""

import operator
from typing import Any

import numba.extending
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing import templates
from numba.extending import lower_builtin, models, register_model

# Numba's decorators change what they decorate in ways that type checkers cannot follow.
intrinsic: Any = numba.extending.intrinsic
infer_global: Any = templates.infer_global

ALIGN = 8  # bytes; true of every float64 array, and enough for unaligned vector moves


class Lanes(types.Type):
    """Numba type of `count` float64 values side by side."""

    def __init__(self, count: int):
        self.count = count
        super().__init__(name=f"Lanes({count})")


class Memory(types.Type):
    """Numba type of an address where elements of `count` lanes lie."""

    def __init__(self, count: int):
        self.count = count
        super().__init__(name=f"Memory({count})")


class Mask(types.Type):
    """Numba type of `count` truth values side by side."""

    def __init__(self, count: int):
        self.count = count
        super().__init__(name=f"Mask({count})")


def _vector(kind: Any) -> ir.VectorType:
    return ir.VectorType(ir.DoubleType() if isinstance(kind, Lanes) else ir.IntType(1), kind.count)


@register_model(Lanes)
@register_model(Mask)
class VectorModel(models.PrimitiveModel):
    """Both live in vector registers."""

    def __init__(self, manager: Any, kind: Any):
        super().__init__(manager, kind, _vector(kind))


@register_model(Memory)
class MemoryModel(models.PrimitiveModel):
    """A pointer: passed on at no cost, where an array is seven numbers."""

    def __init__(self, manager: Any, kind: Any):
        super().__init__(manager, kind, ir.DoubleType().as_pointer())


def _operator(symbol: Any, result: type, emit: Any) -> None:
    """Let the Python operator `symbol` act on two Lanes through the instruction `emit`."""

    @infer_global(symbol)
    class Typing(templates.AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            if len(args) == 2 and all(isinstance(arg, Lanes) for arg in args):
                return templates.signature(result(args[0].count), *args)
            return None

    @lower_builtin(symbol, Lanes, Lanes)
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return emit(builder, *args)


_operator(operator.add, Lanes, lambda builder, x, y: builder.fadd(x, y))
_operator(operator.sub, Lanes, lambda builder, x, y: builder.fsub(x, y))
_operator(operator.mul, Lanes, lambda builder, x, y: builder.fmul(x, y))
_operator(operator.truediv, Lanes, lambda builder, x, y: builder.fdiv(x, y))
_operator(operator.lt, Mask, lambda builder, x, y: builder.fcmp_ordered("<", x, y))
_operator(operator.eq, Mask, lambda builder, x, y: builder.fcmp_ordered("==", x, y))


@intrinsic
def memory(typing: Any, array: Any, lane: Any) -> Any:
    """The memory of a flat array, for as many lanes as the tuple `lane` has items."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_array(sig.args[0])(context, builder, args[0]).data

    return Memory(lane.count)(array, lane), emit


@intrinsic
def borrowed(typing: Any, array: Any) -> Any:
    """The same array without its owner: whoever gets it counts no reference.

    Counting is atomic, so threads that share an array would wait for each other at every call.
    The caller must hold the array itself for as long.
    """

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        view = context.make_array(sig.args[0])(context, builder, args[0])
        view.meminfo = ir.Constant(view.meminfo.type, None)
        view.parent = ir.Constant(view.parent.type, None)
        return view._getvalue()

    return array(array), emit


def _address(builder: Any, sig: Any, w: Any, index: Any, place: Any = None) -> Any:
    """Where element `index` begins, or lane `place` of it."""
    # Lanes of one element lie side by side, as vector moves want them: lane l of element i is
    # number i·count + l.
    number = builder.mul(index, ir.Constant(index.type, sig.args[0].count))
    if place is not None:
        return builder.gep(w, [builder.add(number, place)])
    vector = ir.VectorType(ir.DoubleType(), sig.args[0].count)
    return builder.bitcast(builder.gep(w, [number]), vector.as_pointer())


@intrinsic
def load(typing: Any, w: Any, index: Any) -> Any:
    """Element `index`, all lanes."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_address(builder, sig, *args), align=ALIGN)

    return Lanes(w.count)(w, types.intp), emit


@intrinsic
def store(typing: Any, w: Any, index: Any, value: Any) -> Any:
    """Set element `index`, all lanes."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _address(builder, sig, *args[:2]), align=ALIGN)
        return context.get_dummy_value()

    return types.void(w, types.intp, value), emit


@intrinsic
def get(typing: Any, w: Any, index: Any, place: Any) -> Any:
    """Element `index` in lane `place`."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_address(builder, sig, *args))

    return types.float64(w, types.intp, types.intp), emit


@intrinsic
def put(typing: Any, w: Any, index: Any, place: Any, value: Any) -> Any:
    """Set element `index` in lane `place`."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[3], _address(builder, sig, *args[:3]))
        return context.get_dummy_value()

    return types.void(w, types.intp, types.intp, types.float64), emit


@intrinsic
def splat(typing: Any, w: Any, value: Any) -> Any:
    """The same number in all lanes that w has."""
    kind = Lanes(w.count)

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        # LLVM makes one broadcast of these insertions.
        result = ir.Constant(_vector(kind), ir.Undefined)
        for place in range(kind.count):
            result = builder.insert_element(result, args[1], ir.Constant(ir.IntType(32), place))
        return result

    return kind(w, types.float64), emit


def _call(builder: Any, name: str, *args: Any) -> Any:
    # LLVM's own functions of whole vectors, one name for every width. Nothing but `fmuladd` fuses:
    # without fast-math flags LLVM must round a product before a sum, in one lane as in eight.
    vector = args[0].type
    kind = ir.FunctionType(vector, [vector] * len(args))
    name = f"llvm.{name}.v{vector.count}f64"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


@intrinsic
def fma(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """x·y + z, fused where the processor can."""
    return x(x, y, z), lambda context, builder, sig, args: _call(builder, "fmuladd", *args)


@intrinsic
def sqrt(typing: Any, x: Any) -> Any:
    """Square root of every lane."""
    return x(x), lambda context, builder, sig, args: _call(builder, "sqrt", *args)


@intrinsic
def magnitude(typing: Any, x: Any) -> Any:
    """Absolute value of every lane."""
    return x(x), lambda context, builder, sig, args: _call(builder, "fabs", *args)


@intrinsic
def where(typing: Any, mask: Any, x: Any, y: Any) -> Any:
    """x in the lanes where the mask holds, y in the others."""
    return x(mask, x, y), lambda context, builder, sig, args: builder.select(*args)


@intrinsic
def anywhere(typing: Any, mask: Any) -> Any:
    """Whether the mask holds in some lane."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        # All truth values as the bits of one integer: a single comparison, and no loop over lanes.
        bits = ir.IntType(mask.count)
        return builder.icmp_unsigned("!=", builder.bitcast(args[0], bits), ir.Constant(bits, 0))

    return types.boolean(mask), emit


@intrinsic
def larger(typing: Any, x: Any, y: Any) -> Any:
    """The larger of x and y, lane by lane; x where y is not a number."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, y = args
        # Ordered: a comparison with NaN does not hold.
        return builder.select(builder.fcmp_ordered(">", y, x), y, x)

    return x(x, y), emit
