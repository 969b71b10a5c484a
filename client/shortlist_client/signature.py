"""Gives a client's method the signature and the docstring of its verb."""

import inspect
from collections.abc import Callable
from typing import TypeVar, get_args

Method = TypeVar("Method", bound=Callable[..., object])


def take_signature(method: Method, verb: Callable[..., object], answer: object = None) -> Method:
    """Return the method, named, described and signed as the verb is; it returns the answer instead of the call.

    Args:
        method: what is called.
        verb: what it is written after.
        answer: what the method returns; None for what the verb's call is answered with.
    """
    signature = inspect.signature(verb)
    if answer is None:
        (answer,) = get_args(signature.return_annotation)
    method.__name__ = verb.__name__
    method.__doc__ = verb.__doc__
    method.__signature__ = signature.replace(return_annotation=answer)  # type: ignore[attr-defined]
    return method
