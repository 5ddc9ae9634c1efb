"""Where a generator update lies in the epochs, and where the milestones lie among the updates."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timeline:
    """Counts in generator updates, numbered from 1; 0 is the untrained network. For all systems alike."""

    total_images: int
    """Images in the training set."""
    batch: int
    """Images in a batch; the last batch of an epoch may be smaller."""
    batches_per_update: int
    """Real batches drawn for one update of G: 1, or the critic's steps where each has its own batch."""
    total_updates: int | None
    """The run's length; None where seconds decide."""

    @property
    def batches_per_epoch(self) -> int:
        return -(-self.total_images // self.batch)

    def updates_for(self, epochs: int) -> int:
        """Updates of G in that many epochs; at least one."""
        return max(1, epochs * self.batches_per_epoch // self.batches_per_update)

    def batch_at(self, update: int, critic_step: int) -> tuple[int, int]:
        """(epoch, batch within it), from 0, that a critic step (from 0) of an update (from 1) draws."""
        drawn = (update - 1) * self.batches_per_update + min(critic_step, self.batches_per_update - 1)
        return divmod(drawn, self.batches_per_epoch)

    def batch_size(self, update: int, critic_step: int) -> int:
        """Images in the batch that a critic step of an update draws: `batch`, or what an epoch's last one holds."""
        _, batch = self.batch_at(update, critic_step)
        return min(self.batch, self.total_images - batch * self.batch)

    def position(self, update: int) -> tuple[int, int]:
        """(epoch from 0, batches of it that were shown) after an update: the lab's `Epoch 00 | Step 0100 / 469`."""
        if update == 0:
            return 0, 0
        epoch, batch = self.batch_at(update, self.batches_per_update - 1)
        return epoch, batch + 1

    def images(self, update: int) -> int:
        """Real images drawn up to and including an update, repeats in later epochs counted again."""
        if update == 0:
            return 0
        epoch, batches = self.position(update)
        return epoch * self.total_images + min(batches * self.batch, self.total_images)

    def begins_epoch(self, update: int) -> bool:
        """Whether an update is the first that ends in its epoch: running means start anew there."""
        return update == 1 or self.position(update)[0] != self.position(update - 1)[0]

    def ends_epoch(self, update: int) -> bool:
        """Whether an update is the last that ends in its epoch."""
        return update > 0 and self.position(update)[0] != self.position(update + 1)[0]

    def is_logged(self, update: int, log_every: int) -> bool:
        """Every `log_every` updates of an epoch and its last one, as the lab prints; and the run's last update."""
        if update == 0:
            return False
        epoch, _ = self.position(update)
        within_epoch = update - epoch * self.batches_per_epoch // self.batches_per_update
        return within_epoch % log_every == 0 or self.ends_epoch(update) or update == self.total_updates

    def milestones(self, percents: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
        """{update: percents} of a run whose length is known; in a very short run one update serves several percents."""
        found: dict[int, tuple[int, ...]] = {}
        for percent in sorted(percents):
            if self.total_updates is not None:
                update = int(self.total_updates * percent / 100 + 0.5)
                found[update] = (*found.get(update, ()), percent)
        return found
