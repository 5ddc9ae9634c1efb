"""Checks for leaves that you write: an objective, a model, a data source.

>>> from ganatomy.objectives import objectives
>>> check_objective(objectives.get("nonsaturating"))

Each check takes a class, an instance, or a reference as settings take it (`"wgan_gp.py"`), asks what the leaf declares, and
raises a `ContractError` that says what is wrong, what was expected, and what to do. Call it from a test of your own.
"""

from __future__ import annotations

from ganatomy.testing.contract import ContractError
from ganatomy.testing.model import check_model
from ganatomy.testing.objective import check_objective
from ganatomy.testing.source import check_source

__all__ = ["ContractError", "check_model", "check_objective", "check_source"]
