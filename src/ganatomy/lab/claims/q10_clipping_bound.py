"""Q10: does clipping drive the critic's weights to the bound, and so cost it capacity?"""

from __future__ import annotations

from ganatomy.lab.claim import Claim, Prediction, Trained
from ganatomy.lab.quantities import probe, score
from ganatomy.lab.settings import FULL_CLIPS, QUICK_CLIPS, WGAN_CLIPS
from ganatomy.probes import weights
from ganatomy.studies.words import Words

CLAIM = Claim(
    name="q10-clipping-bound",
    question="Q10",
    text=Words(
        "Clipping drives the critic's weights to the bound, and so costs it capacity.",
        "裁剪把评论家的权重推到界限上，从而损害其能力。",
    ),
    claimant=Words("Gulrajani et al. 2017", "Gulrajani 等 2017"),
    design=Words(
        "The share of the critic's weights within 0.1 % of the bound at the end, for four bounds. If clipping drives them "
        "there, it is more than half with the lab's bound of 0.01.",
        "结束时评论家权重中处于界限 0.1 % 以内的比例，取四种界限。若裁剪把权重推到界限，则在实验所用的 0.01 处该比例应超过一半。",
    ),
    experiment=Trained(arms=WGAN_CLIPS, at={"quick": QUICK_CLIPS, "full": FULL_CLIPS}),
    quantities=(
        probe(
            "at the bound",
            Words("share of weights at the bound", "处于界限的权重比例"),
            lambda run: weights.clipped_weights(run).share,
        ),
        score("fid"),
    ),
    predictions=(Prediction("at the bound", "clip-0.01", "higher", 0.5),),
    meanings={
        "supported": Words(
            "Most of the critic's weights are one of two numbers: it is a much simpler function than its size suggests.",
            "评论家的大多数权重只取两个值之一：它比其规模所示的函数简单得多。",
        ),
        "refuted": Words(
            "Most weights stay within the bound, in a training of this length.",
            "在这一训练长度下，大多数权重仍在界限之内。",
        ),
        "not decided": Words("The seeds do not decide.", "各种子不足以判断。"),
    },
    literature=Words(
        "Gulrajani et al. 2017 (arXiv 1704.00028), figure 1b: clipped weights pile up at both bounds, and critics learn very "
        "simple functions.",
        "Gulrajani 等 2017（arXiv 1704.00028）图 1b：被裁剪的权重堆积在两端界限，评论家只学到非常简单的函数。",
    ),
)
