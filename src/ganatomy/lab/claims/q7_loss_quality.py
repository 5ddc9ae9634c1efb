"""Q7: does the critic's loss tell the quality of the images, within a run and across clipping values?"""

from __future__ import annotations

from scipy import stats

from ganatomy.lab.claim import Claim, Prediction, Quantity, Trained, Values
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import FULL_CLIPS, QUICK_CLIPS, WGAN_CLIPS
from ganatomy.probes import curves
from ganatomy.runs.run import Run
from ganatomy.studies.results import Results
from ganatomy.studies.words import Words


def within(run: Run) -> float | None:
    """Spearman's rank correlation of the critic's estimate (minus its loss) with the FID over a run's quick evaluations."""
    found = curves.loss_against_metric(run.history, run.scores, "loss/discriminator", "metric/fid")
    return None if found is None else -found


def estimate(run: Run) -> float | None:
    """The critic's estimate, a mean over the last tenth of the run."""
    loss = curves.end_mean(run.history, "loss/discriminator")
    return None if loss is None else -loss


def across(results: Results) -> Values:
    """For every seed the rank correlation of final estimate and final FID over the arms."""
    finals = estimate_quantity.measure(results)
    fids = score("fid").measure(results)
    found: dict[int, float | None] = {}
    for seed in results.study.seeds:
        pairs = [(finals[arm].get(seed), fids[arm].get(seed)) for arm in finals]
        there = [(a, b) for a, b in pairs if a is not None and b is not None]
        if len(there) > 2:
            correlation = float(stats.spearmanr(*zip(*there, strict=True)).statistic)
            found[seed] = correlation if correlation == correlation else None
    return {"all arms": found}


estimate_quantity = probe("critic's estimate", Words("critic's estimate at the end", "结束时评论家的估计"), estimate)

CLAIM = Claim(
    name="q7-loss-quality",
    question="Q7",
    text=Words(
        "WGAN's loss measures progress: the smaller the critic's estimate of the distance, the better the images.",
        "WGAN 的损失能衡量进展：评论家估计的距离越小，图像越好。",
    ),
    claimant=Words("the lab report, and WGAN's paper", "实验报告与 WGAN 论文"),
    design=Words(
        "WGAN with four clipping values. Within each run the critic's estimate (minus its loss) is held against the FID "
        "at the quick evaluations, by Spearman's rank correlation; across the four values the estimate at the end against "
        "the FID at the end. A loss that measures quality must do both: 0.5 or more.",
        "用四种裁剪值训练 WGAN。在每次运行内，用 Spearman 秩相关比较评论家的估计（损失的相反数）与各次快速评估的 FID；"
        "在四种裁剪值之间，比较结束时的估计与结束时的 FID。能衡量质量的损失两者都应达到 0.5 以上。",
    ),
    experiment=Trained(arms=WGAN_CLIPS, at={"quick": QUICK_CLIPS, "full": FULL_CLIPS}),
    quantities=(
        probe(
            "within a run",
            Words("rank correlation of estimate and FID, within a run", "运行内估计与 FID 的秩相关"),
            within,
        ),
        Quantity(
            "across clips",
            Words("rank correlation of estimate and FID, across clipping values", "不同裁剪值之间估计与 FID 的秩相关"),
            across,
        ),
        estimate_quantity,
        score("fid"),
    ),
    predictions=(
        Prediction("within a run", "clip-0.01", "higher", 0.5),
        Prediction("across clips", "all arms", "higher", 0.5),
    ),
    meanings={
        "supported": Words(
            "The critic's estimate orders the generators as FID does, both as one run goes on and between runs.",
            "评论家的估计与 FID 对生成器的排序一致，无论是在一次运行之内还是在不同运行之间。",
        ),
        "refuted": Words(
            "The critic's estimate does not order generators as FID does: between runs its scale is set by the clipping, so "
            "it compares nothing; or even within a run it goes its own way.",
            "评论家的估计不能像 FID 那样给生成器排序：在不同运行之间，其尺度由裁剪决定，无从比较；或者在一次运行之内也各行其是。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Arjovsky et al. 2017 (arXiv 1701.07875), section 4.2, show within-run agreement with how samples look, and warn "
        "that scales differ between critics. Stanczuk et al. 2021 (arXiv 2103.01678): the loss is a poor estimate of the "
        "distance, and WGANs may work because it is.",
        "Arjovsky 等 2017（arXiv 1701.07875）第 4.2 节展示了运行内与样本观感的一致，并提醒不同评论家的尺度不同。"
        "Stanczuk 等 2021（arXiv 2103.01678）：该损失是距离的很差的估计，WGAN 也许正因如此才有效。",
    ),
)
