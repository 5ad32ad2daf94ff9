"""The stylesheet and the templates hold to the design: contrast, own origin, nothing inline or unused."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "huying" / "pages"
CSS = (PAGES / "static" / "huying.css").read_text(encoding="utf-8")
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
TEMPLATES = {
    str(path.relative_to(PAGES)): path.read_text(encoding="utf-8")
    for path in [
        *sorted((PAGES / "templates").rglob("*.html")),
        *(PAGES / "templatetags" / name for name in ("directory.py", "fields.py", "way.py")),
    ]
}

# design/README.md section 2: text needs 4.5, parts of controls 3
TEXT_PAIRS = [
    *[("ink", ground) for ground in ("paper", "wash", "tint", "warn-bg", "late-bg")],
    *[("muted", ground) for ground in ("paper", "wash", "tint", "wait-bg")],
    *[("act", ground) for ground in ("paper", "wash", "tint")],
    *[("late", ground) for ground in ("late-bg", "paper", "wash")],
    ("ok", "ok-bg"),
    ("ok", "paper"),
    ("warn", "warn-bg"),
]
CONTROL_PAIRS = [
    ("edge", "paper"),
    ("edge", "wash"),
    ("focus-line", "paper"),
    ("focus-line", "wash"),
    ("fill", "paper"),
    ("rule", "paper"),
]
# Classes of states that views choose: named in no template literally
CHOSEN = {"done", "ok", "warn", "late", "wait", "now", "next", "running", "void", "closed", "open", "not-counted"}
FROM_PYTHON = {"control", "flow", "stacked", "flow-step", "flow-way", "flow-rung"}
# Names for readers of the markup; their parts carry the style
UNSTYLED = {"balance", "running", "now"}


def tokens(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r" \{([^}]*)\}", RULES)
    assert block is not None, selector
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


LIGHT = tokens(":root")
DARK = tokens(':root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2; white is 1.0, black 0.0."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio; black on white is 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_formula_is_right() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast(LIGHT["ink"], LIGHT["paper"]), 1) == 16.4


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_controls_stand_out_enough(theme: dict[str, str]) -> None:
    weak = [(a, b) for a, b in TEXT_PAIRS if contrast(theme[a], theme[b]) < 4.5]
    weak += [(a, b) for a, b in CONTROL_PAIRS if contrast(theme[a], theme[b]) < 3]
    weak += [("white", "btn")] if contrast("#ffffff", theme["btn"]) < 4.5 else []
    weak += [("paper", "act-h")] if contrast(theme["paper"], theme["act-h"]) < 4.5 else []
    assert weak == []


def test_both_dark_sets_are_the_same_and_complete() -> None:
    assert tokens(':root:not([data-theme="light"])') == DARK
    assert DARK.keys() == LIGHT.keys()


def test_every_token_that_is_used_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", RULES))
    assert set(re.findall(r"var\(--([\w-]+)\)", RULES)) <= defined


def test_colours_stand_in_tokens_alone() -> None:
    outside = re.sub(r"--[\w-]+:[^;]*;", "", RULES)
    screen = outside[: outside.index("@media print")]
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", screen)) <= {"#ffffff"}


def test_the_stylesheet_stays_short_and_plain() -> None:
    assert CSS.count("\n") <= 600
    # not in Chromium 86; what asks a container for its size stands where a browser without that doesn't read it
    plain = re.sub(r"@supports \(container-type: inline-size\) \{\n(?:  .*\n)*\}", "", RULES)
    for modern in (":has(", ":is(", ":where(", "@container", "@layer", "color-mix(", "inset:", "aspect-ratio", "dvh"):
        assert modern not in plain, modern


def test_everything_comes_from_the_own_origin() -> None:
    assert re.findall(r"(?:https?:)?//[\w.]", RULES) == []
    assert "@import" not in RULES
    for name, text in TEMPLATES.items():
        assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text) == [], name


def test_nothing_is_inline() -> None:
    for name, text in TEMPLATES.items():
        assert re.findall(r"<script(?! src=\"\{% static )|<style\b|\sstyle=|\son\w+=|javascript:", text) == [], name


def test_every_class_of_a_template_is_in_the_stylesheet_and_the_other_way_round() -> None:
    styled = set(re.findall(r"\.([a-z][\w-]*)", RULES))
    used = set(CHOSEN | FROM_PYTHON)
    for text in TEMPLATES.values():
        named = re.findall(r'(?:class|kind)="([^"]*)"|block main_class %} (\w+)', text)
        used |= set(re.sub(r"{[%{].*?[%}]}|{.*?}", " ", " ".join(map(" ".join, named))).split())
    assert styled - used == set()
    assert used - styled <= UNSTYLED


def test_a_time_always_says_its_machine_form() -> None:
    for name, text in TEMPLATES.items():
        assert re.findall(r"<time(?! datetime=)", text) == [], name


def test_a_table_keeps_its_roles_when_it_is_shown_as_cards() -> None:
    for name, text in TEMPLATES.items():
        for element, role in (("table", "table"), ("tr", "row"), ("td", "cell"), ("thead", "rowgroup")):
            assert re.findall(rf'<{element}\b(?![^>]*role="{role}")', text) == [], name


def test_no_text_shouts_or_blames() -> None:
    for name, text in TEMPLATES.items():
        words = re.sub(r"<!doctype|!=", "", text)
        assert re.findall(r"[！!]|亲，|温馨提示|非法|无效参数|系统异常|•", words) == [], name
