"""What is raised: a wrong argument, and the three ways in which there is no answer."""


class ArgumentError(ValueError):
    """An argument is not what it must be; the message names it, and what was available."""


class CallError(ArgumentError, TypeError):
    """Arguments are missing, or are not those that a function takes."""


class UnstableError(ArithmeticError):
    """The model has no steady state: some eigenvalue of its drift does not decay."""


class DegenerateError(ArithmeticError):
    """The model has more than one steady state, and which is reached depends on the start."""


class ConvergenceError(ArithmeticError):
    """An iteration ended before its residual was small."""
