"""Pickles of arrays and plain values, read by a machine that can call nothing.

``torch.load(weights_only=True)`` trusts the sizes that a file states: it reserves what a number
asks for and reads beyond the end of a record. Here every size is compared with what is there, and
an object that is neither a container, a plain value nor an array becomes a ``Foreign``.
"""

import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch

STORAGES: Mapping[str, torch.dtype] = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
FOREIGN = {
    "_rebuild_meta_tensor_no_storage": "a meta tensor, which has no values",
    "_rebuild_sparse_tensor": "a sparse tensor",
    "_rebuild_qtensor": "a quantised tensor",
    "_rebuild_nested_tensor": "a nested tensor",
}
MOST_AXES = 8
VALUES = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("BYTEARRAY8", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    }
)
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
MARK = object()


class PickleError(ValueError):
    """The pickle is damaged or states sizes that it does not have."""


@dataclass(frozen=True)
class Foreign:
    """Something that is no array and no plain value.

    Args:
        name: what it is, in words.
    """

    name: str


@dataclass(frozen=True)
class _Global:
    module: str
    name: str


@dataclass(frozen=True)
class _Stored:
    """The values of a storage, one after the other."""

    values: torch.Tensor


class Machine:
    """Reads one pickle.

    Args:
        record: the bytes of a storage by its key.

    Raises:
        PickleError: from ``read``.
    """

    def __init__(self, record: Callable[[str], bytearray]) -> None:
        self.record = record
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.storages: dict[str, _Stored] = {}

    def read(self, data: bytes) -> Any:
        """The value that the pickle describes."""
        try:
            for opcode, argument, _ in pickletools.genops(data):
                if opcode.name == "STOP":
                    return self.stack.pop()
                self._step(opcode.name, argument)
        except PickleError:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            raise PickleError(str(error)) from None
        raise PickleError("it has no end")

    def _step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in VALUES:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name == "MARK":
            stack.append(MARK)
        elif name in TUPLES:
            items = tuple(stack[-TUPLES[name] :])
            del stack[-TUPLES[name] :]
            stack.append(items)
        elif name.startswith("EMPTY_") or name in ("TUPLE", "LIST", "DICT", "FROZENSET"):
            self._container(name)
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(self.memo[argument])
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name not in ("PROTO", "FRAME"):
            self._fill_or_call(name, argument)

    def _container(self, name: str) -> None:
        items = [] if name.startswith("EMPTY_") else self._marked()
        kind = name.removeprefix("EMPTY_")
        if kind == "DICT":
            made: dict[Any, Any] = {}
            self.stack.append(made)
            _enter(made, items)
        elif kind == "LIST":
            self.stack.append(items)
        else:
            self.stack.append(tuple(items) if kind == "TUPLE" else Foreign("a set"))

    def _fill_or_call(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in ("APPEND", "APPENDS", "ADDITEMS"):
            items = [stack.pop()] if name == "APPEND" else self._marked()
            if isinstance(stack[-1], list):
                stack[-1].extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = [stack.pop(), stack.pop()][::-1] if name == "SETITEM" else self._marked()
            if isinstance(stack[-1], dict):
                _enter(stack[-1], items)
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            found = argument.split(" ", 1) if name == "GLOBAL" else [stack.pop(), stack.pop()][::-1]
            stack.append(_Global(str(found[0]), str(found[1])))
        elif name in ("REDUCE", "NEWOBJ"):
            arguments = stack.pop()
            stack.append(self._made(stack.pop(), arguments))
        elif name == "BUILD":  # attributes of an object: never arrays of a state dict
            stack.pop()
        elif name == "BINPERSID":
            stack.append(self._storage(stack.pop()))
        elif name == "POP":
            stack.pop()
        else:
            raise PickleError(f"the instruction {name} is not read")

    def _marked(self) -> list[Any]:
        """Everything above the last mark, which goes, too."""
        items: list[Any] = []
        while (item := self.stack.pop()) is not MARK:
            items.append(item)
        return items[::-1]

    def _storage(self, identity: Any) -> Any:
        kind, storage, key, _, count = identity
        if kind != "storage" or not isinstance(key, str) or not isinstance(count, int):
            raise PickleError("an array without values")
        dtype = STORAGES.get(storage.name) if isinstance(storage, _Global) else None
        if dtype is None:
            return Foreign(f"an array of {getattr(storage, 'name', 'unknown values')}")
        if key not in self.storages:
            content = self.record(key)
            if count < 0 or len(content) != count * dtype.itemsize:
                raise PickleError(f"array {key} says that it has {count} values and has others")
            values = torch.empty(0, dtype=dtype)
            if count:
                values = torch.frombuffer(content, dtype=dtype)
            self.storages[key] = _Stored(values)
        return self.storages[key]

    def _made(self, maker: Any, arguments: Any) -> Any:
        if not isinstance(maker, _Global):
            return maker if isinstance(maker, Foreign) else Foreign("an unknown object")
        if maker == _Global("collections", "OrderedDict"):
            return {}
        if maker.module == "torch._utils":
            if maker.name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
                return _tensor(*arguments[:4])
            if maker.name.startswith("_rebuild_parameter"):
                return arguments[0]
        return Foreign(FOREIGN.get(maker.name, f"an object {maker.module}.{maker.name}"))


def _enter(mapping: dict[Any, Any], items: list[Any]) -> None:
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str | int):  # others may be nested without end
            raise PickleError("a key is neither text nor a number")
        mapping[key] = value


def _tensor(stored: Any, offset: Any, size: Any, stride: Any) -> Any:
    if isinstance(stored, Foreign):
        return stored
    values = stored.values
    numbers = (offset, *size, *stride)
    if not all(isinstance(number, int) and 0 <= number < 2**40 for number in numbers):
        raise PickleError("the shape of an array is not made of sizes")
    if len(size) != len(stride) or len(size) > MOST_AXES:
        raise PickleError(f"an array has {len(size)} axes")
    count = prod(size)
    if count > len(values):
        return Foreign("a view that shows its values repeatedly; store it with .clone()")
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if count and last >= len(values):
        raise PickleError("an array is larger than its values")
    if not count:
        return values.new_empty(size)
    return values.as_strided(size, stride, offset)
