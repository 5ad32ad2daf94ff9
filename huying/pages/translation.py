"""The catalogs, without the system's gettext: extract the texts, compile the .po files, name what is missing.

Chinese is the source language. `python -m huying.pages.translation compile` is a step of `make`,
`… missing [language]` lists texts that the language lacks and exits 1 if there are any.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

HOME = Path(__file__).resolve().parents[1]
LOCALE = HOME / "locale"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


@dataclass(frozen=True, order=True)
class Text:
    """One text of the product, with the place where it was found first."""

    source: str
    context: str = ""
    plural: bool = False
    found_in: str = ""


def compile_catalogs(locale: Path = LOCALE) -> list[Path]:
    """Write the .mo beside every .po and return them."""
    written = []
    for po in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        with mo.open("wb") as file:
            write_mo(file, read_catalog(po))
        written.append(mo)
    return written


def read_catalog(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, abort_invalid=True)


def extract(home: Path = HOME) -> list[Text]:
    """Return every translatable text of the package's modules and templates, each once, in order."""
    found: dict[tuple[str, str], Text] = {}
    for path in sorted(_sources(home)):
        for text in _texts(path, str(path.relative_to(home.parent))):
            found.setdefault((text.context, text.source), text)
    return sorted(found.values())


def missing(language: str, home: Path = HOME) -> list[Text]:
    """Return the texts without a translation (or with an unsure or half one) in `locale/<language>`."""
    catalog = read_catalog(home / "locale" / language / "LC_MESSAGES" / "django.po")
    return [text for text in extract(home) if not _translated(catalog, text)]


def _sources(home: Path) -> Iterator[Path]:
    yield from home.rglob("*.py")
    yield from (path for path in home.glob("**/templates/**/*") if path.suffix in {".html", ".txt"})


def _texts(path: Path, found_in: str) -> Iterator[Text]:
    code = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        code = templatize(code, origin=found_in)
    file = BytesIO(code.encode())
    options = {"encoding": "utf-8"}
    for line, source, _, context in babel_extract("python", file, KEYWORDS, options=options):
        first = source if isinstance(source, str) else source[0]
        yield Text(first, context or "", not isinstance(source, str), f"{found_in}:{line}")


def _translated(catalog: Catalog, text: Text) -> bool:
    message = catalog.get(text.source, text.context or None)
    if message is None or message.fuzzy:
        return False
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return all(forms) and len(forms) == (catalog.num_plurals if text.plural else 1)


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["compile"]:
            return 0 if compile_catalogs() else 1
        case ["missing", *languages]:
            lacking = [text for language in languages or ["en"] for text in missing(language)]
            for text in sorted(lacking, key=lambda text: text.found_in):
                about = f"[{text.context}] " if text.context else ""
                sys.stdout.write(f"{text.found_in}: {about}{text.source}\n")
            return 1 if lacking else 0
    sys.stderr.write("usage: python -m huying.pages.translation compile | missing [language …]\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
