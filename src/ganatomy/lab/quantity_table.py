"""An entry of a claim's `quantities`: a measure by name, with its arguments, as the quantity that it is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model, model_validator

from ganatomy.errors import nearest
from ganatomy.evaluation import MEASURES
from ganatomy.lab.claim import Quantity
from ganatomy.lab.group_measures import GROUP_MEASURES
from ganatomy.lab.measures import RUN_MEASURES
from ganatomy.lab.quantities import log2, probe, score
from ganatomy.lab.texts import TEXTS
from ganatomy.words import Words


class QuantityTable(BaseModel):
    """All further keys are arguments of the measure."""

    model_config = ConfigDict(extra="allow", frozen=True)

    measure: str
    """A metric of `ganatomy evaluate`, or a measure of `lab/measures.py` or `lab/group_measures.py`."""
    name: str | None = None
    """What tables and predictions call it; unset: the measure."""
    title: Words | None = None
    """Unset: the measure's own."""
    point: str = "100%"
    """Of a metric: where the run is scored."""
    log2: bool = False
    """Its base-2 logarithm: a difference of 1 is a factor of 2. The name becomes "log2 fid"."""

    @model_validator(mode="after")
    def _check(self) -> QuantityTable:
        known = [*MEASURES, *RUN_MEASURES, *GROUP_MEASURES]
        if self.measure not in known:
            raise ValueError(f"unknown measure {self.measure!r}: {nearest(self.measure, known)}")
        if self.point != "100%" and self.measure not in MEASURES:
            raise ValueError(
                f"point: {self.measure!r} is measured at the end of the run; only scores have other points"
            )
        self._arguments()
        return self

    def quantity(self) -> Quantity:
        """What it measures, with its name and title."""
        name, title = self.name or self.measure, self.title or TEXTS[f"measures.{self.measure}"]
        if self.measure in MEASURES:
            found = score(self.measure, self.point, title)
        elif self.measure in RUN_MEASURES:
            measure = functools.partial(RUN_MEASURES[self.measure], **self._arguments())
            found = probe(name, title, measure)
        else:
            found = Quantity(name, title, functools.partial(GROUP_MEASURES[self.measure], **self._arguments()))
        return log2(found) if self.log2 else found

    def _arguments(self) -> dict[str, Any]:
        """The further keys, checked against the measure's signature.

        Raises:
            ValueError: an argument that the measure does not have, or needs, or of the wrong type.
        """
        function = {**RUN_MEASURES, **GROUP_MEASURES}.get(self.measure)
        fields = {} if function is None else _fields(function)
        try:
            create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)(**(self.model_extra or {}))
        except ValidationError as error:
            errors = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise ValueError(f"measure {self.measure!r}: {errors}") from error
        return dict(self.model_extra or {})


def _fields(function: Callable[..., Any]) -> dict[str, Any]:
    """{argument: (type, default)} of a measure, without the run or the results, which come first."""
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return {
        each.name: (hints[each.name], ... if each.default is inspect.Parameter.empty else each.default)
        for each in parameters
    }
