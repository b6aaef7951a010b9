"""The command `filas` of the wheel: the program itself, in this process."""

import sys

from . import _filas


def main() -> None:
    """Carries out the command line, and exits with its exit code."""
    sys.exit(_filas.main(["filas", *sys.argv[1:]]))
