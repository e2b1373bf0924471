"""Reduces the signatures of a master stub to the arguments that every port takes."""

from __future__ import annotations

import libcst as cst

from usock_lint.stubgen.facts import Facts


class UnfitError(Exception):
    """Raised for an overload that needs more arguments than some port takes."""


def fit(parameters: cst.Parameters, name: str, facts: Facts) -> cst.Parameters:
    """The signature without positional arguments and keywords that some port does not take.

    An argument that some port requires loses its default. Raises UnfitError.
    """
    keywords = [one for one in parameters.kwonly_params if not facts.lacks_parameter(f"{name}.{one.name.value}")]
    if keywords:
        keywords[-1] = keywords[-1].with_changes(comma=parameters.kwonly_params[-1].comma)
    parameters = parameters.with_changes(kwonly_params=keywords)
    arity = facts.arity(name)
    if arity is None or not parameters.posonly_params:
        return parameters
    bound = int(parameters.posonly_params[0].name.value == "self")
    return _positional(parameters, bound + arity[0], None if arity[1] is None else bound + arity[1])


def _positional(parameters: cst.Parameters, least: int, most: int | None) -> cst.Parameters:
    """The signature with at most `most` positional arguments, of which the first `least` are required."""
    given = parameters.posonly_params
    if most is not None and any(one.default is None for one in given[most:]):
        raise UnfitError
    kept = [_required(one) if place < least else one for place, one in enumerate(given[:most])]
    if [one.name.value for one in kept] in ([], ["self"]):
        bare = [one.with_changes(comma=cst.MaybeSentinel.DEFAULT) for one in kept]
        return parameters.with_changes(posonly_params=(), posonly_ind=cst.MaybeSentinel.DEFAULT, params=bare)
    return parameters.with_changes(posonly_params=kept)


def _required(parameter: cst.Param) -> cst.Param:
    return parameter.with_changes(default=None, equal=cst.MaybeSentinel.DEFAULT)
