"""XlsxWriter drops what it dislikes with a warning or a code; here either is an error."""

import warnings
from collections.abc import Callable
from typing import Any


class NotWritten(ValueError):
    """XlsxWriter would have left something out of the file."""


def done(code: object) -> None:
    """Accept XlsxWriter's return code.

    Raises:
        NotWritten: The code is negative.
    """
    if isinstance(code, int) and code < 0:
        raise NotWritten(f"XlsxWriter refused a value with code {code}")


def strictly(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call XlsxWriter and return its result.

    Raises:
        NotWritten: It warned or returned a negative code.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = call(*args, **options)
        except Warning as warning:
            raise NotWritten(str(warning)) from warning
    done(result)
    return result
