"""The door to fixed-width containers.

Compiled code sees `librt.vecs.vec` and the native integers; interpreted code, where a
`vec` is five times slower than a list, sees `list` and `int`.
Modules that want either import the names from here, and this file itself is never compiled.

- `vec[i64]([…])` makes an array, `append(array, item)` returns the grown array (always assign it).
- `i64` is a 64-bit integer in compiled code; it wraps instead of growing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from librt.vecs import append as append
    from librt.vecs import vec as vec
    from mypy_extensions import i64 as i64
else:
    i64 = int

    class vec:  # noqa: N801 - stands in for the compiled type of that name
        def __class_getitem__(cls, _item: Any) -> type[list]:
            return list

    def append(array: list[Any], item: Any) -> list[Any]:
        array.append(item)
        return array
