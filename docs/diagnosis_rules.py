"""Writes the list of rules into docs/diagnosis.md and docs/diagnosis.zh.md: `python docs/diagnosis_rules.py`."""

from __future__ import annotations

import re
from pathlib import Path

from ganatomy.watching.rules import all_rules
from ganatomy.watching.texts import TEXTS
from ganatomy.words import Language

BEGIN, END = "<!-- rules -->", "<!-- end of rules -->"
PAGES: dict[Language, Path] = {
    "en": Path(__file__).with_name("diagnosis.md"),
    "zh": Path(__file__).with_name("diagnosis.zh.md"),
}
ORDER = ("error", "warning", "state")


def rules(language: Language) -> str:
    """A section a rule, so that a finding's link leads to it."""
    kinds = {name: "state" if getattr(rule, "IS_STATE", False) else rule.SEVERITY for name, rule in all_rules().items()}
    parts = []
    for name in sorted(kinds, key=lambda each: (ORDER.index(kinds[each]), each)):
        seen, means, mend = (getattr(TEXTS[f"{name}.{part}"], language) for part in ("seen", "means", "mend"))
        # The blanks for a finding's figures.
        text = re.sub(r"\{(\w+)\}", r"*\1*", f"{seen} {means} {mend}")
        parts.append(f"### {name}\n\n*{kinds[name]}.* {text}\n")
    return "\n".join(parts)


def page(language: Language) -> str:
    """The page with its rules as they are now."""
    text = PAGES[language].read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{rules(language)}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    for language, file in PAGES.items():
        file.write_text(page(language), "utf-8")
