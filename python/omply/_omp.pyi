"""Types of the `omp` object."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar, overload

F = TypeVar("F", bound=Callable[..., Any])
Mode = Literal["auto", "native", "python", "serial"]

class Directive(AbstractContextManager[None], Protocol):
    def __call__(self, function: F, /) -> F: ...

class Omp:
    @overload
    def __call__(self, directive: str, /) -> Directive: ...
    @overload
    def __call__(self, function: F, /) -> F: ...
    @overload
    def __call__(
        self,
        *,
        mode: Mode = ...,
        bounds_check: bool = ...,
        contract: bool = ...,
        error_model: Literal["python", "numpy"] = ...,
        overflow: Literal["wrap", "raise"] = ...,
        reproducible: bool = ...,
    ) -> Callable[[F], F]: ...

omp: Omp
