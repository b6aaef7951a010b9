"""The compiled half of the module."""

from collections.abc import Callable, Sequence
from os import PathLike

def call(
    command: str,
    words: Sequence[str],
    texts: Sequence[str],
    progress: Callable[[int, int], object] | None = None,
) -> tuple[int, str, list[str], str | None, bool]:
    """Carries out a command; gives exit code, stdout, lines of stderr, the error, and whether Ctrl-C wound it up."""

def hosted(library: str, command: str) -> None:
    """States the file of this library and that of the command `filas`, before anything is done."""

def main(words: Sequence[str]) -> int:
    """Carries out a command line as the program does; gives its exit code."""

class Table:
    """A table of results in memory, which speaks the Arrow PyCapsule protocol."""

    @staticmethod
    def read(path: str | PathLike[str]) -> Table:
        """Reads a table of a results folder, a Parquet file.

        Raises:
            OSError: it cannot be read.
        """

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""

    def __len__(self) -> int: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
