"""The names of packages in a source of nixpkgs, as plain data that is quick to search.

There are tens of thousands, so they travel between processes once (`PackageList`), and searching
does not look at each of them. Offsets are code points.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Any, Final
from weakref import WeakValueDictionary

WHOLE: Final = -1
"""In place of an offset: the package is all of its file."""


class Written:
    """Where a package is written: in the file at an absolute `path`, from `start` to `end`, which
    is its binding or the `inherit`; `WHOLE` when all of the file is the package."""

    def __init__(self, path: str, start: int, end: int) -> None:
        self.path = path
        self.start = start
        self.end = end


class PackageSet:
    """The names of one set of packages, in the order of their letters without regard to case."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.files = array("i")
        """The number of the file that each is written in."""
        self.starts = array("i")
        self.ends = array("i")
        self.aliases: frozenset[str] = frozenset()
        """Old names of other packages."""
        self._lowered: list[str] | None = None
        self._text = ""
        self._lines = array("i")

    @staticmethod
    def of(found: dict[str, tuple[int, int, int]], aliases: frozenset[str]) -> PackageSet:
        """A set of names with the number of their file, start, and end; none has a line end."""
        out = PackageSet()
        out.names = sorted(found, key=str.lower)
        for name in out.names:
            file, start, end = found[name]
            out.files.append(file)
            out.starts.append(start)
            out.ends.append(end)
        out.aliases = aliases
        return out

    def __len__(self) -> int:
        return len(self.names)

    def __getstate__(self) -> tuple[Any, ...]:
        """Few large objects, with all that searching needs: they are read on the event loop."""
        self.prepare()
        names = "\n".join(self.names)
        places = (self.files, self.starts, self.ends)
        return names, places, self.aliases, self._text, self._lines

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        names, places, self.aliases, self._text, self._lines = state
        self.names = names.split("\n") if self._lines else []
        self.files, self.starts, self.ends = places
        self._lowered = self._text.split("\n") if self._lines else []

    def prepare(self) -> None:
        """Makes what searching needs; the first search does so otherwise."""
        if self._lowered is not None:
            return
        self._lowered = [name.lower() for name in self.names]
        self._text = "\n".join(self._lowered)
        at = 0
        for name in self._lowered:
            self._lines.append(at)
            at += len(name) + 1

    def find(self, name: str) -> int | None:
        """The number of a name."""
        self.prepare()
        assert self._lowered is not None
        lowered = name.lower()
        index = bisect_left(self._lowered, lowered)
        while index < len(self.names) and self._lowered[index] == lowered:
            if self.names[index] == name:
                return index
            index += 1
        return None

    def search(self, written: str, limit: int) -> tuple[list[str], bool]:
        """At most `limit` names that begin with some letters, then names that hold them elsewhere;
        and whether these are all. Case does not matter."""
        self.prepare()
        assert self._lowered is not None
        wanted = written.lower()
        out: list[str] = []
        index = bisect_left(self._lowered, wanted)
        while index < len(self.names) and self._lowered[index].startswith(wanted):
            if len(out) >= limit:
                return out, False
            out.append(self.names[index])
            index += 1
        if not wanted or "\n" in wanted:
            return out, True
        at = self._text.find(wanted)
        while at >= 0:
            line = self._line_of(at)
            if not self._lowered[line].startswith(wanted):
                if len(out) >= limit:
                    return out, False
                out.append(self.names[line])
            behind = self._lines[line] + len(self._lowered[line])
            at = self._text.find(wanted, behind)
        return out, True

    def _line_of(self, at: int) -> int:
        low, high = 0, len(self._lines)
        while low + 1 < high:
            middle = (low + high) // 2
            if self._lines[middle] <= at:
                low = middle
            else:
                high = middle
        return low


class Packages:
    """All packages of the source at an absolute directory.

    `sets` holds them by the path of their set: "" for the packages themselves, `python3Packages`.
    `same` leads from other names of a set to the one in `sets`.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.files: list[str] = []
        """The files they are written in, from the root on."""
        self.sets: dict[str, PackageSet] = {}
        self.same: dict[str, str] = {}

    def set_at(self, path: tuple[str, ...]) -> PackageSet | None:
        """The set at a path of attributes; () is all of `pkgs`.

        `python3.pkgs` is known as `python3Packages`, and so are those of other languages.
        """
        name = ".".join(path)
        if len(path) == 2 and path[1] == "pkgs":
            name = f"{path[0]}Packages"
        for _ in range(8):
            found = self.sets.get(name)
            if found is not None:
                return found
            other = self.same.get(name)
            if other is None:
                return None
            name = other
        return None

    def written(self, path: tuple[str, ...]) -> Written | None:
        """Where the package at a path of attributes is written."""
        found = self.set_at(path[:-1]) if path else None
        index = found.find(path[-1]) if found is not None else None
        if found is None or index is None:
            return None
        file = f"{self.root}/{self.files[found.files[index]]}"
        return Written(file, found.starts[index], found.ends[index])


_known: WeakValueDictionary[str, Packages] = WeakValueDictionary()
"""The packages that this process has got, by digest, as long as anybody uses them."""


class PackageList:
    """The packages of an input, or of another source that has a name.

    They travel between processes only if `is_new`; a process that has got them once knows them by
    their digest.
    """

    def __init__(self, source: str, digest: str, packages: Packages | None, is_new: bool) -> None:
        self.source = source
        self.digest = digest
        self.is_new = is_new
        self.packages = packages if packages is not None else _known.get(digest)
        if self.packages is not None:
            _known[digest] = self.packages

    def __getstate__(self) -> tuple[str, str, Packages | None, bool]:
        return self.source, self.digest, self.packages if self.is_new else None, self.is_new

    def __setstate__(self, state: tuple[str, str, Packages | None, bool]) -> None:
        self.__init__(*state)  # type: ignore[misc]
