"""The command `filas` of the wheel: the program itself, in this process."""

import signal
import sys

from . import _filas


def main() -> None:
    """Carries out the command line, and exits with its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # The program listens to signals itself; Python would raise KeyboardInterrupt when it is done.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_filas.main(["filas", *sys.argv[1:]]))
