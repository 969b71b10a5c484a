"""Gives a client's method the signature and the docstring of its verb."""

import inspect
from collections.abc import Callable
from typing import TypeVar, get_args

Method = TypeVar("Method", bound=Callable[..., object])


def take_signature(method: Method, verb: Callable[..., object]) -> Method:
    """Return the method, named, described and signed as the verb is; it returns the answer instead of the call."""
    signature = inspect.signature(verb)
    (answer,) = get_args(signature.return_annotation)
    method.__name__ = verb.__name__
    method.__doc__ = verb.__doc__
    method.__signature__ = signature.replace(return_annotation=answer)  # type: ignore[attr-defined]
    return method
