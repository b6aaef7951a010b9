"""What can go wrong, and what is warned of."""


class Error(Exception):
    """A command did not do what was asked. Its text is that of the command `filas`."""


class ScenarioError(Error, ValueError):
    """The scenario or an argument is wrong, and nothing was run or written.

    The text names the place, shows the line, says what was found and what is allowed.
    """


class RunError(Error, RuntimeError):
    """It was begun and came to no end: a file could not be written, a recording was too short, or actors waited
    for each other."""


class ScenarioWarning(UserWarning):
    """What the command warns of: an overloaded stage, a precision that was not reached."""


class InterruptedWarning(UserWarning):
    """Ctrl-C ended a run or a study, and the result holds what was done until then."""
