"""The mistakes of a run: its first updates once more, in memory, and watched."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from pathlib import Path

from ganatomy.config import Config
from ganatomy.config.resolve import resolve
from ganatomy.errors import Diverged
from ganatomy.plugin.code import split
from ganatomy.runs.code import codes
from ganatomy.runs.folder import RunFolder
from ganatomy.runs.recorded import OwnNetworks
from ganatomy.runs.run import Run
from ganatomy.surroundings import standard
from ganatomy.training.start import take_weights
from ganatomy.training.trainer import Trainer
from ganatomy.watching import Findings, Watch
from ganatomy.words import Language

log = logging.getLogger("ganatomy")


def of_run(run: Run, updates: int, language: Language) -> Findings:
    """What shows in so many updates from a run's beginning, or what its own watch found; kept in the run's folder.

    Raises:
        GanatomyError: the data is missing or damaged.
    """
    file = run.folder.diagnosis
    if isinstance(run.config.model, OwnNetworks):
        return Findings.read(file, language)
    found = of_config(run.config, updates, language)
    try:
        found.save(file)
    except OSError as error:
        log.warning("%s cannot be written (%s); the report will not have it", file, error.strerror or error)
    return found


@standard()
def of_config(config: Config, updates: int, language: Language) -> Findings:
    """The findings of the first updates, computed in float32."""
    train = dataclasses.replace(config.train, precision="fp32", compile=False)
    dataset = config.data.load()
    config, resolved = resolve(dataclasses.replace(config, train=train), dataset)
    trainer = Trainer(config, resolved, dataset, RunFolder(Path()))
    take_weights(trainer.players, config.from_run)
    generator, discriminator = trainer.players.generator, trainer.players.discriminator
    optimizers = generator.optimizer, discriminator.optimizer
    with Watch(generator.network, discriminator.network, *optimizers, language=language, announces=False) as watch:
        with contextlib.suppress(Diverged):
            for _ in range(updates):
                trainer.try_update()
                watch.step(loss_D=discriminator.loss, loss_G=generator.loss)
        found = watch.diagnose()
    # Other lines are of this package and of who called it.
    own = {split(code.reference)[0] for code in codes(config).values()}
    for index, each in enumerate(found):
        if each.line is None or each.line.file not in own:
            found[index] = dataclasses.replace(each, line=None)
    return found
