"""The charts of the training: one of each arm under each budget, and one that holds the arms' scores together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ganatomy.evaluation import MEASURES
from ganatomy.report import texts
from ganatomy.report.charts import ARMS, DASHES, LINES, MARKERS, Json, Panel, Tables, axis_name, both, escaped, stacked
from ganatomy.report.glossary import LINE, better, metric
from ganatomy.report.series import Line, Together
from ganatomy.report.trials import Seen, first_config
from ganatomy.report.wording import filled, listed
from ganatomy.studies.plan import Arm
from ganatomy.words import Words

LOGARITHMIC = ("fid",)
TICKS = [step * 10.0**power for power in range(-4, 6) for step in (1, 2, 5)]
"""Of a logarithmic axis; plotly's own choice leaves digits without their power."""

PANELS = (
    ("loss", ("discriminator", "generator")),
    ("score", ("real", "fake")),
    ("grad", ("discriminator", "generator")),
)
"""What is logged in each: loss/discriminator, ..."""


@dataclass(frozen=True)
class Chart:
    """A figure of plotly's, its choices open; and the lines in it that had to be thinned."""

    figure: dict[str, Json]
    thinned: int = 0


def quick_metrics(trials: Sequence[Seen]) -> list[str]:
    """The metrics of the quick evaluations, the usual ones first."""
    names = {name for trial in trials for record in trial.quick for name in record if name.startswith("metric/")}
    found = [name.removeprefix("metric/") for name in names]
    order = {name: number for number, name in enumerate(["fid", "coverage", *MEASURES])}
    return sorted(found, key=lambda name: (order.get(name, len(order)), name))


def of_arm(trials: Sequence[Seen], peers: Sequence[Seen], tables: Tables) -> Chart | None:
    """Losses, scores of D, gradients and quick evaluations of one arm's runs, one below the other.

    `peers`: the runs of all arms under the same budget, whose metrics stand on the same scale. None where nothing was logged.
    """
    if not any(trial.history or trial.quick for trial in trials):
        return None
    metrics = quick_metrics(trials)
    panels = [*_panels(trials), *(_metric_panel(name, peers) for name in metrics)]
    groups = [*PANELS, *(("metric", (name,)) for name in metrics)]
    if not any(name.startswith("grad/") for trial in trials for record in trial.history for name in record):
        place = [group for group, _ in groups].index("grad")  # a recorded loop has no gradient norms
        del groups[place], panels[place]
    data: list[Json] = []
    thinned = 0
    for number, (group, names) in enumerate(groups):
        for name in names:
            lines = [(trial, Line.of(trial.history + trial.quick, f"{group}/{name}")) for trial in trials]
            key = name if name in LINES else "metric"
            band = Together.of([line for _, line in lines])
            if band is not None:
                trace = band.band(LINES[key][0])
                data.append({**trace, "yaxis": axis_name(number), "meta": {"line": key, "band": True}})
            data += [
                {**_trace(line, trial, key, tables), "yaxis": axis_name(number)}
                for trial, line in lines
                if line.records
            ]
            thinned += sum(line.is_thinned for _, line in lines)
        if not any(trace["yaxis"] == axis_name(number) for trace in data):
            # Plotly leaves out an axis without traces, and with the last one the horizontal axis.
            data.append({"type": "scatter", "x": [None], "y": [None], "yaxis": axis_name(number), "hoverinfo": "skip"})
    return Chart({"data": data, "layout": stacked(panels)}, thinned)


def together(arms: Sequence[Arm], trials: Sequence[Seen]) -> Chart | None:
    """The arms' quick evaluations in common panels, of finished runs where an arm has any.

    None where there are none, or where they are of different data, because then they cannot be compared.
    """
    metrics = quick_metrics(trials)
    if not metrics or len({trial.resolved.get("digest") for trial in trials if trial.quick}) > 1:
        return None
    data: list[Json] = []
    for number, name in enumerate(metrics):
        for place, arm in enumerate(arms):
            colour = ARMS[place % len(ARMS)]
            of_arm = [trial for trial in trials if trial.trial.arm == arm.name]
            ended = [trial for trial in of_arm if trial.counts] or of_arm
            lines = [Line.of(trial.quick, f"metric/{name}") for trial in ended]
            found = Together.of(lines, at_least=min(2, len([line for line in lines if line.records])) or 1)
            if found is None:
                continue
            meta = {"arm": f"a{place}"}
            if found.runs > 1:
                data.append({**found.band(colour), "yaxis": axis_name(number), "meta": {**meta, "band": True}})
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines+markers",
                    **found.means(),
                    "yaxis": axis_name(number),
                    "line": {"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]},
                    "marker": {"symbol": MARKERS[place % len(MARKERS)], "size": 6},
                    "meta": meta,
                    "hovertemplate": both(_mean_hover(arm, found.runs)),
                }
            )
    layout = stacked([_metric_panel(name, trials) for name in metrics])
    return Chart({"data": data, "layout": layout})


def _mean_hover(arm: Arm, runs: int) -> Words:
    mean = filled(texts.HOVER_MEAN, count=runs) if runs > 1 else texts.ONE_SEED
    return Words(
        *(f"{_literal(arm.title, lang)}: %{{y:.4g}} ({getattr(mean, lang)})<extra></extra>" for lang in ("en", "zh"))
    )


def _literal(words: Words, language: str) -> str:
    """A name in a hover text; plotly's own marks in it stay without meaning."""
    return escaped(getattr(words, language)).replace("%{", "%&#123;")


def _trace(line: Line, trial: Seen, key: str, tables: Tables) -> dict[str, Json]:
    colour, dash = LINES[key]
    label = filled(texts.HOVER_SEED, seed=trial.trial.seed)
    name = LINE[key]
    hover = label if key == "metric" else listed([name, label])
    is_metric = key == "metric"
    return {
        "type": "scatter",
        "mode": "lines+markers" if is_metric or len(line.records) < 12 else "lines",
        **line.points(tables),
        "line": {"color": colour, "width": 1.2, "dash": dash},
        "marker": {"size": 5, "symbol": MARKERS[trial.trial.seed % len(MARKERS)]},
        "meta": {"line": key, "seed": str(trial.trial.seed)},
        "hovertemplate": both_hover(hover),
    }


def both_hover(words: Words) -> dict[str, str]:
    return {language: f"{escaped(getattr(words, language))}: %{{y:.4g}}<extra></extra>" for language in ("en", "zh")}


def _panels(trials: Sequence[Seen]) -> list[Panel]:
    config = first_config(trials)
    probability = config is not None and config.objective.probability
    loss = filled(texts.LOSS_PANEL, objective=config.objective.name if config else "?")
    scores = Panel(texts.SCORE_PANEL, {"range": [-0.04, 1.04]}) if probability else Panel(texts.RAW_SCORE_PANEL)
    return [Panel(loss), scores, Panel(texts.GRAD_PANEL, {"type": "log", "exponentformat": "power", "dtick": 1})]


def _metric_panel(name: str, trials: Sequence[Seen]) -> Panel:
    """On one scale for all these runs, so that panels can be compared."""
    values = [value for trial in trials for value in Line.of(trial.quick, f"metric/{name}").values if value is not None]
    way = better(name)
    axis: dict[str, Json] = {}
    if name in LOGARITHMIC and values and min(values) > 0:
        low, high = math.log10(min(values)), math.log10(max(values))
        room = max(0.06 * (high - low), 0.03)
        axis = {"type": "log", "range": [low - room, high + room]} | _ticks(min(values), max(values))
        way = listed([way, texts.LOG_SCALE])
    elif values:
        low, high = min(0.0, *values), max(values)
        room = 0.06 * ((high - low) or 1)
        axis = {"range": [low - room, high + room]}
    return Panel(filled(texts.METRIC_PANEL, metric=metric(name), way=way), axis)


def _ticks(low: float, high: float) -> dict[str, Json]:
    """At most six; of the powers of ten alone where there are many."""
    found = [tick for tick in TICKS if low / 1.1 <= tick <= high * 1.1]
    if len(found) > 6:
        found = [tick for tick in found if f"{tick:e}".startswith("1")]
    return {"tickvals": found, "ticktext": [f"{tick:g}" for tick in found]} if len(found) > 1 else {}
