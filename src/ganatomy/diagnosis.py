"""The mistakes of a run: its first updates once more, in memory, and watched."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

from ganatomy.config import Config
from ganatomy.config.resolve import resolve
from ganatomy.errors import Diverged
from ganatomy.plugin.code import split
from ganatomy.runs.code import codes
from ganatomy.runs.folder import RunFolder
from ganatomy.surroundings import standard
from ganatomy.training.start import take_weights
from ganatomy.training.trainer import Trainer
from ganatomy.watching import Findings, Watch
from ganatomy.words import Language


@standard()
def of_run(config: Config, updates: int, language: Language) -> Findings:
    """What shows in so many updates from the run's beginning, computed in float32. Nothing is written.

    Raises:
        GanatomyError: the data is missing or damaged.
    """
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
