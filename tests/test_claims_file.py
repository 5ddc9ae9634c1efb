"""A claim's TOML file: a user's own, and all that can be wrong with one in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ganatomy.errors import UsageError
from ganatomy.lab import claims

CLAIM = """
text = "Wider networks are better."
design = "The lab's GAN at two widths."
literature = "None yet. {batchnorm}"
arms = [
  "batchnorm",
  { name = "wide", recipe = "gan", settings = ["gan", "model.hidden=512"], title = "twice as wide" },
]
quantities = ["log2 fid", { measure = "swing", of = "loss/generator", name = "swing of G" }]
primary = { quantity = "log2 fid", arm = "wide", lower_than = "none", margin = "noticeable" }
secondary = [{ quantity = "swing of G", arm = "wide", lower_than = "none" }]

[levels]
quick = { use = "digits-dcgan", seeds = 8 }

[meanings]
supported = "yes"
refuted = "no"
"""


def write(folder: Path, text: str = CLAIM) -> str:
    path = folder / "wider.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_users_own_claim_with_shared_pieces(tmp_path: Path) -> None:
    claim = claims.get(write(tmp_path))
    assert (claim.name, claim.file, claim.question) == ("wider", str(tmp_path / "wider.toml"), "-")
    assert claim.text.zh == claim.text.en == "Wider networks are better."
    assert claim.literature.en.startswith("None yet. Radford")
    assert claim.meanings["not decided"].en == "The seeds do not decide."
    assert [each.name for each in claim.quantities] == ["log2 fid", "swing of G"]
    assert claim.primary is not None
    assert claim.primary.margin == 0.32
    assert claim.experiment.most("quick") == 8
    study = claim.experiment.study(claim.name, "quick", 8)
    assert study is not None
    assert study.seeds == tuple(range(8))
    # After the first look only what the verdict rests on is trained with more seeds.
    assert {arm.name: len(study.seeds_of(arm)) for arm in study.arms} == {
        "none": 8,
        "generator": 5,
        "discriminator": 5,
        "both": 5,
        "wide": 8,
    }
    assert [arm.name for arm in study.arms] == ["none", "generator", "discriminator", "both", "wide"]
    assert {"data=digits", "optimizer.lr=1e-3", "model.hidden=512"} <= set(study.arm("wide").settings)


def test_its_chinese_is_beside_it(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "wider.toml").write_text(
        'text = "更宽的网络更好。"\n[arms]\nwide = "两倍宽"\n', encoding="utf-8"
    )
    claim = claims.get(write(tmp_path))
    assert claim.text.zh == "更宽的网络更好。"
    study = claim.experiment.study(claim.name, "quick", 5)
    assert study is not None
    assert study.arm("wide").title.zh == "两倍宽"


def test_a_path_and_a_question_can_be_asked_for_together(tmp_path: Path) -> None:
    found = [claim.name for claim in claims.asked_for([write(tmp_path), "Q2"])]
    assert found == ["wider", "q2-dead-units", "q2-gradients", "q2-images"]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            '"batchnorm",',
            '"batchnrom",',
            "arms: shared.toml has no 'batchnrom' among its arms; did you mean 'batchnorm'",
        ),
        ('["gan", ', '["gann", ', "did you mean 'gan'"),
        ('use = "digits-dcgan"', 'use = "digits"', "levels.quick: shared.toml has no 'digits' among its levels"),
        ("{batchnorm}", "{batchnrom}", "literature: shared.toml has no 'batchnrom'"),
        ('"noticeable"', '"visible"', "primary: shared.toml has no 'visible' among its margins"),
        ('"swing"', '"swong"', "quantities.1: Value error, unknown measure 'swong': did you mean 'swing'"),
        ('of = "loss/generator", ', "", "measure 'swing': of: Field required"),
        ("of =", "fo = 1, of =", "measure 'swing': fo: Extra inputs are not permitted"),
        ('lower_than = "none", margin', "margin", "primary: Value error, needs either higher_than or lower_than"),
        (', margin = "noticeable"', "", "primary: needs a margin above 0"),
        ('quantity = "log2 fid"', 'quantity = "fid"', "'fid', which is not measured; did you mean 'log2 fid'"),
        ('refuted = "no"', "", "meanings: 'refuted' is missing"),
        ("seeds = 8", "seeds = [5]", "levels.quick.seeds"),
        ("seeds = 8", "seeds = 3", "levels.quick.seeds: Input should be greater than or equal to 5"),
        ('design = "', 'desing = "', "desing: Unexpected keyword argument"),
        ("[levels]", "computed = 'saturation'\n[levels]", "needs one experiment"),
        ("arms = [", "arms = 3 # [", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in CLAIM
    with pytest.raises(UsageError) as error:
        claims.get(write(tmp_path, CLAIM.replace(right, wrong)))
    assert "wider.toml is" in str(error.value)
    assert message in str(error.value)


def test_a_definition_has_no_primary_and_one_meaning(tmp_path: Path) -> None:
    text = CLAIM[: CLAIM.index("primary =")] + CLAIM[CLAIM.index("\n[levels]") :]
    text = text[: text.index("[meanings]")] + '[meanings]\ndefinition = "it is so"\n'
    claim = claims.get(write(tmp_path, text))
    assert claim.primary is None
    assert claim.meanings["definition"].en == "it is so"


def test_the_digest_of_a_design_leaves_texts_out(tmp_path: Path) -> None:
    before = claims.get(write(tmp_path)).digests["quick"]
    assert claims.get(write(tmp_path, CLAIM.replace("twice as wide", "wide"))).digests["quick"] == before
    assert claims.get(write(tmp_path, CLAIM.replace("hidden=512", "hidden=511"))).digests["quick"] != before
    assert claims.get(write(tmp_path, CLAIM.replace("seeds = 8", "seeds = 12"))).digests["quick"] != before


def test_all_errors_are_in_one_message(tmp_path: Path) -> None:
    text = (
        CLAIM.replace('"swing"', '"swong"').replace("seeds = 8", "seeds = [5]").replace('"batchnorm",', '"batchnrom",')
    )
    with pytest.raises(UsageError, match=r"(?s)batchnrom.*levels\.quick\.seeds.*swong"):
        claims.get(write(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        claims.get(str(tmp_path / "none.toml"))
