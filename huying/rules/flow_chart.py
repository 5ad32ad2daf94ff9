"""The flow chart 办理工作流程图 of a rulebook as SVG: the loop down the middle, other ways left, the ladder right.

A narrow one, for phones, has them below each step instead, so that nothing has to be scrolled sideways.

It is drawn in the colour of the text around it, by attributes that a stylesheet may override: the policy of our pages
allows no inline style. Widths of texts are estimated, generously, since nothing here can measure them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import combinations, pairwise
from typing import TypeAlias

from .flow_steps import Entry, Row, rows
from .rulebook import Rulebook
from .words import Language

Point: TypeAlias = tuple[float, float]

# How wide a narrow chart is: its letters are as large as those around it on a phone, and larger in large print.
NARROW, NARROW_LARGE = 272, 230
_SHEET = (174, 262)  # mm of A4 for the chart, under its heading
_APART = 12  # between two of its columns there
_GAP = 40  # between two rows, where an arrow lies
_PAD = 12
_ENTRY = 26  # how far below the top of a row its arrows to the sides lie
_LINE = 1.45  # line height, in font sizes
_HEADING, _TITLE, _TEXT, _SMALL = 22, 17, 14, 13  # font sizes
_FONTS = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
_WORDS = {
    "chart": ("办理工作流程图", "How a request is handled"),
    "since": ("原文写明 {} 起施行", "In effect from {}, as its own text says"),
    "ways": ("其他去向", "Other ways"),
    "loop": ("办理环节", "The loop"),
    "ladder": ("催办督办", "If a term passes"),
}


@dataclass(frozen=True, slots=True)
class _Column:
    x: int
    width: int

    @property
    def right(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand: `spine`, the arrows from step to step; `lane`, how far apart the ways back are."""

    width: int
    page: _Column
    ways: _Column
    loop: _Column
    ladder: _Column
    spine: int
    lane: int
    heading: int = _HEADING
    name: str = "flow"
    kind: str = "flow"
    stacked: bool = False


_WIDE = _Layout(960, _Column(48, 902), _Column(48, 256), _Column(342, 320), _Column(700, 250), spine=502, lane=12)


def _narrow(width: int) -> _Layout:
    page, aside = _Column(30, width - 32), _Column(54, width - 56)
    return _Layout(
        *(width, page, aside, page, aside),
        spine=42,
        lane=7,
        heading=_TITLE,
        name="flow-narrow",
        kind="flow stacked",
        stacked=True,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text; its first `bold` characters stand out, and a `space` lies above it."""

    text: str
    size: int
    bold: int = 0
    space: int = 0


def flow_chart(book: Rulebook, language: Language, *, narrow: int = 0) -> str:
    """Return the chart as one SVG element, to stand in a page or in a file of its own; `narrow`: how wide, if so."""
    to = _narrow(narrow) if narrow else _WIDE
    made = rows(book, language)
    body, y = _head(book, made, language, to)
    tops: dict[str, float] = {}
    bottom: float | None = None
    for row in made:
        if bottom is not None:
            body.append(_arrow((to.spine, bottom), (to.spine, y)))
        tops[row.id] = y
        drawn, bottom, lowest = _row(row, y, language, to)
        body += drawn
        y = lowest + _GAP
    body += _returns([row for row in made if row.back_to is not None], tops, to)
    return _svg(book, made, body, y - _GAP + _PAD, language, to)


def on_paper(narrow: str) -> str:
    """Return the narrow chart of a page once more for that page, by reference: cut between steps, side by side.

    So its letters are larger on a sheet than those of the wide one, which is too high for it.
    """
    begin, end = narrow.index("<svg"), narrow.index(">") + 1
    whole, high = (int(size) for size in re.findall(r'(?:width|height)="(\d+)"', narrow[begin:end]))
    tops = [float(y) for y in re.findall(r'class="flow-step" x="[\d.]+" y="([\d.]+)"', narrow)]
    cuts = [[0, *(y - _GAP + 2 for y in some), high] for n in range(3) for some in combinations(tops[1:], n)]
    edges = max(cuts, key=lambda cut: (min(_size(cut, whole)), _size(cut, whole)[1]))
    across, down = (len(edges) - 1) * (whole + _APART) - _APART, max(b - a for a, b in pairwise(edges))
    parts = "".join(
        f'<svg x="{n * (whole + _APART)}" width="{whole}" height="{b - a:.0f}"'
        f' viewBox="0 {a:.0f} {whole} {b - a:.0f}"><use href="#flow-narrow-drawn"/></svg>'
        for n, (a, b) in enumerate(pairwise(edges))
    )
    size = f'class="flow" viewBox="0 0 {across} {down:.0f}" width="{across}" height="{down:.0f}"'
    return re.sub(r'class=.*? height="\d+"', size, narrow[begin:end]) + parts + "</svg>"


def _size(edges: Sequence[float], whole: int) -> tuple[float, float]:
    """Return how large a chart cut so may be drawn on a sheet, for its width and for its height."""
    across = (len(edges) - 1) * (whole + _APART) - _APART
    return _SHEET[0] / across, _SHEET[1] / max(b - a for a, b in pairwise(edges))


def _say(word: str, language: Language) -> str:
    return _WORDS[word][0 if language == "zh" else 1]


# -- the drawing ----------------------------------------------------------------------------------------------------


def _svg(
    book: Rulebook, made: Sequence[Row], body: Iterable[str], height: float, language: Language, to: _Layout
) -> str:
    title = _escaped(f"{book.rulebook.title} · {_say('chart', language)}")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{to.kind}" viewBox="0 0 {to.width} {height:.0f}"'
            f' width="{to.width}" height="{height:.0f}" lang="{"zh-CN" if language == "zh" else "en"}" role="img"'
            f' aria-labelledby="{to.name}-title {to.name}-desc" fill="currentColor" font-family="{_FONTS}">',
            f'<title id="{to.name}-title">{title}</title>',
            f'<desc id="{to.name}-desc">{_escaped(_described(made, language))}</desc>',
            f'<g id="{to.name}-drawn">',
            *body,
            "</g></svg>\n",
        ]
    )


def _head(book: Rulebook, made: Sequence[Row], language: Language, to: _Layout) -> tuple[list[str], float]:
    """Return the title and the heads of the columns, and where the first row begins."""
    since = _say("since", language).format(book.rulebook.effective_from)
    under = " · ".join(part for part in (book.rulebook.office, since) if part)
    lines = [
        *_wrapped(f"{book.rulebook.title} · {_say('chart', language)}", to.heading, to.page.width, bold=True),
        *_wrapped(under, _TEXT, to.page.width),
    ]
    drawn, y = _texts(lines, to.page.x, _PAD)
    if to.stacked:
        return drawn, y + 30
    y += 3 * _PAD
    for column, word, there in (
        (to.ways, "ways", any(row.ways for row in made)),
        (to.loop, "loop", True),
        (to.ladder, "ladder", any(row.rungs for row in made)),
    ):
        if there:
            said = _say(word, language)
            drawn += _texts([_Line(said, _TEXT, len(said))], column.x, y - _PAD)[0]
            drawn.append(_path([(column.x, y + 16), (column.right, y + 16)]))
    return drawn, y + 2 * _PAD + 8


def _row(row: Row, y: float, language: Language, to: _Layout) -> tuple[list[str], float, float]:
    """Return a row, the bottom of its box in the loop, and the bottom of all of it."""
    loop = [*_wrapped(row.title, _TITLE, to.loop.width - 2 * _PAD, bold=True), *_all(row.lines, _TEXT, to.loop)]
    drawn, bottom = _box("flow-step", to.loop, y, loop)
    lowest = bottom
    if row.ways:
        top = lowest + _PAD if to.stacked else y
        box, below = _box("flow-way", to.ways, top, list(_ways(row.ways, language, to)))
        start, end = (to.spine, to.ways.x) if to.stacked else (to.loop.x, to.ways.right)
        drawn += [*box, _arrow((start, top + _ENTRY), (end, top + _ENTRY))]
        lowest = max(lowest, below)
    if row.rungs:
        top = lowest + _PAD if to.stacked else y
        box, below = _box("flow-rung", to.ladder, top, list(_ladder(row.rungs, language, to)))
        start = to.spine if to.stacked else to.loop.right
        drawn += [*box, _path([(start, top + _ENTRY), (to.ladder.x, top + _ENTRY)], dashed=True)]
        lowest = max(lowest, below)
    if to.stacked and lowest > bottom:
        drawn.append(_path([(to.spine, bottom), (to.spine, lowest)]))
    return drawn, lowest if to.stacked else bottom, lowest


def _ways(entries: Iterable[Entry], language: Language, to: _Layout) -> Iterator[_Line]:
    yield from _named("ways", language, to)
    colon = "：" if language == "zh" else ": "
    for entry in entries:
        said = entry.name + colon + "".join(entry.lines)
        yield from _apart(_wrapped(said, _SMALL, to.ways.width - 2 * _PAD, len(entry.name)))


def _ladder(entries: Iterable[Entry], language: Language, to: _Layout) -> Iterator[_Line]:
    yield from _named("ladder", language, to)
    for entry in entries:
        yield from _apart(_wrapped(entry.name, _SMALL, to.ladder.width - 2 * _PAD, bold=True))
        yield from _all(entry.lines, _SMALL, to.ladder)


def _named(word: str, language: Language, to: _Layout) -> Iterator[_Line]:
    """Yield what a box beside the loop is, where no head of a column says so."""
    if to.stacked:
        yield _Line(_say(word, language), _SMALL)


def _apart(lines: Iterable[_Line]) -> Iterator[_Line]:
    """Yield the lines of an entry, its first one a little below the entry above."""
    for n, line in enumerate(lines):
        yield replace(line, space=0 if n else 4)


def _all(texts: Iterable[str], size: int, column: _Column) -> Iterator[_Line]:
    for text in texts:
        yield from _wrapped(text, size, column.width - 2 * _PAD)


def _returns(back: Sequence[Row], tops: dict[str, float], to: _Layout) -> Iterator[str]:
    """Draw the ways back to an earlier row, each in a lane of its own left of all boxes, the longest outermost."""
    targets = [(row.id, row.back_to or "") for row in back]
    targets.sort(key=lambda way: tops[way[1]] - tops[way[0]])
    left = to.loop.x if to.stacked else to.ways.x
    for lane, (start, target) in enumerate(targets):
        before = [way[1] for way in targets[:lane]].count(target)
        x, y = to.lane * (lane + 1), tops[target] - 26 + 10 * before
        corner = tops[start] + _ENTRY
        yield _arrow((left, corner), (x, corner), (x, y), (to.spine, y))


def _box(kind: str, column: _Column, y: float, lines: Sequence[_Line]) -> tuple[list[str], float]:
    """Return a frame with its text, and its bottom."""
    drawn, bottom = _texts(lines, column.x + _PAD, y + _PAD)
    bottom += _PAD
    dashed = ' stroke-dasharray="5 4"' if kind == "flow-way" else ""
    frame = (
        f'<rect class="{kind}" x="{column.x}" y="{y:.1f}" width="{column.width}" height="{bottom - y:.1f}" rx="6"'
        f' fill="none" stroke="currentColor" stroke-width="{2 if kind == "flow-step" else 1}"{dashed}/>'
    )
    return [frame, *drawn], bottom


def _texts(lines: Iterable[_Line], x: float, y: float) -> tuple[list[str], float]:
    """Return lines one below the other, and the bottom of the last."""
    drawn: list[str] = []
    for line in lines:
        y += (line.space if drawn else 0) + line.size * _LINE
        stands_out, rest = _escaped(line.text[: line.bold]), _escaped(line.text[line.bold :])
        said = f'<tspan font-weight="700">{stands_out}</tspan>{rest}' if stands_out else rest
        drawn.append(f'<text x="{x:.1f}" y="{y - line.size * 0.4:.1f}" font-size="{line.size}">{said}</text>')
    return drawn, y


def _path(points: Iterable[Point], *, dashed: bool = False) -> str:
    way = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="2 4"' if dashed else ""
    return f'<path class="flow-line" d="M{way}" fill="none" stroke="currentColor" stroke-width="1.5"{dashes}/>'


def _arrow(*points: Point) -> str:
    """Return a line with a head at its last point; all its parts are level or upright."""
    (x0, y0), (x, y) = points[-2:]
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    back = (x - 9 * dx, y - 9 * dy)
    left, right = (back[0] + 4.5 * dy, back[1] + 4.5 * dx), (back[0] - 4.5 * dy, back[1] - 4.5 * dx)
    corners = " ".join(f"{px:.1f},{py:.1f}" for px, py in ((x, y), left, right))
    return f'{_path([*points[:-1], back])}<polygon class="flow-head" points="{corners}"/>'


# -- texts ----------------------------------------------------------------------------------------------------------

# What isn't broken: a number with its unit, a short clause with the comma after it, a word of Latin letters.
_PIECE = re.compile(
    r"\d+ ?(?:个自然日|个工作日|小时|分钟|次|级)[后内]?[，。、；：）]*"
    r"|\d+ (?:calendar |working )?(?:day|hour|minute|time)s?[,;]? ?"
    r"|[\u4e00-\u9fff]{1,8}[，、；]|[^\s\u2e80-\uffef]+ ?|.[，。、；：）”]*|\s",
    re.DOTALL,
)


def _wrapped(text: str, size: int, width: float, bold: int | bool = 0) -> Iterator[_Line]:
    """Yield a text in as few lines of that width as it needs, of about one length; `bold` True: all of it."""
    pieces, left = _PIECE.findall(text), len(text) if bold is True else int(bold)
    width = width * 0.85 if bold is True else width
    lines = _filled(pieces, size, width)
    while len(narrower := _filled(pieces, size, width := width - size / 2)) == len(lines) and width > 0:
        lines = narrower
    for line in lines:
        said = line.rstrip()
        yield _Line(said, size, min(left, len(said)))
        left = max(0, left - len(line))


def _filled(pieces: Iterable[str], size: int, width: float) -> list[str]:
    """Return lines, each with as many pieces as fit, or with one that doesn't."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and _width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return lines


def _width(text: str, size: int) -> float:
    """Return about how wide a text is: a Chinese character as wide as high, a Latin letter a bit more than half."""
    return size * sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.55 for char in text)


def _described(made: Iterable[Row], language: Language) -> str:
    """Return what the chart shows, for whoever can't see it."""
    colon, stop, full_stop = ("：", "；", "。") if language == "zh" else (": ", "; ", ". ")
    sentences = []
    for row in made:
        asides = [f"{one.name}{colon}{stop.join(one.lines)}" for one in (*row.ways, *row.rungs)]
        sentences.append(colon.join(part for part in (row.title, stop.join([*row.lines, *asides])) if part))
    return full_stop.join([*sentences, ""]).strip()


def _escaped(text: str) -> str:
    """Return text as XML may hold it: escaped, without control characters."""
    return escape("".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Cn") else char for char in text))
