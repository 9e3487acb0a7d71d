"""What a kernel asks of the processor beyond arithmetic, as Numba intrinsics.

Buffers on the stack, which the compiler knows to overlap nothing, so that loops over runs are
vectorised; arrays without their owner, so that taking a row counts no references; prefetching of
the next rows, whose random order no hardware foresees; and flushing of denormal numbers, which
would slow an addition a hundredfold.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

FLUSH = 0x8040
"""Bits of the x86 control register MXCSR: flush results to zero, take denormals for zero."""

_WORD = ir.IntType(32)
_IS_X86 = platform.machine() in {"x86_64", "AMD64"}


@intrinsic
def on_stack(_typing_context: Any, count: Any) -> Any:
    """Return a float32 array of `count` (a constant) values on the stack, not initialised."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    size, result = count.literal_value, types.Array(types.float32, 1, "C", aligned=True)

    def build(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        array = context.make_array(result)(context, builder)
        with builder.goto_entry_block():
            buffer = builder.alloca(ir.ArrayType(ir.FloatType(), size))
            buffer.align = 64
        pointer = context.get_value_type(types.intp)
        populate_array(
            array,
            data=builder.bitcast(buffer, ir.FloatType().as_pointer()),
            shape=cgutils.pack_array(builder, [pointer(size)]),
            strides=cgutils.pack_array(builder, [pointer(4)]),
            itemsize=pointer(4),
            meminfo=None,
        )
        return array._getvalue()

    return result(count), build


@intrinsic
def borrowed(_typing_context: Any, array: Any) -> Any:
    """Return the same array without its owner, so that views of it count no references.

    Counting is atomic and costs more than a rule's arithmetic. The caller keeps the owner alive.
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), build


@intrinsic
def prefetch(_typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line that holds `array[index]` (one dimension, unsigned index)."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte = ir.IntType(8).as_pointer()
        place = builder.bitcast(builder.gep(view.data, [arguments[1]]), byte)
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [byte, _WORD, _WORD, _WORD]),
            "llvm.prefetch.p0",
        )
        read, keep, data = _WORD(0), _WORD(3), _WORD(1)
        builder.call(function, [place, read, keep, data])
        return context.get_dummy_value()

    return types.void(array, index), build


@intrinsic
def flush_denormals(_typing_context: Any) -> Any:
    """Flush denormals to zero in this thread; return what `restore` needs. Only on x86."""

    def build(_context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        if not _IS_X86:
            return _WORD(0)
        before = _control(builder, None)
        _control(builder, builder.or_(before, _WORD(FLUSH)))
        return before

    return types.uint32(), build


@intrinsic
def restore(_typing_context: Any, before: Any) -> Any:
    """Undo `flush_denormals`, whose result it takes."""

    def build(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        if _IS_X86:
            _control(builder, arguments[0])
        return context.get_dummy_value()

    return types.void(before), build


def _control(builder: Any, value: Any) -> Any:
    """Read MXCSR, or write it where a value is given."""
    with builder.goto_entry_block():
        slot = builder.alloca(_WORD)
    if value is not None:
        builder.store(value, slot)
    byte = ir.IntType(8).as_pointer()
    name = "llvm.x86.sse.stmxcsr" if value is None else "llvm.x86.sse.ldmxcsr"
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(ir.VoidType(), [byte]), name
    )
    builder.call(function, [builder.bitcast(slot, byte)])
    return builder.load(slot) if value is None else None
