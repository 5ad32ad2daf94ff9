"""`huying directory verify|key|new-key`: the signed directory, and the key that signs it."""

import os
from pathlib import Path

from huying.config.house import URL, Trouble
from huying.vault.signature import DIRECTORY, NotGenuine, is_public_key, public_key, verified


def verify(file: Path, key: str) -> int:
    """Say whether a file is the directory as the owner of the key signed it. Needs no database. Raises Trouble."""
    by = "".join(key.split()).lower()
    if not is_public_key(by):
        raise Trouble(
            f"--key {key!r} is no public key; write its 64 hex digits, as the city's directory page has them"
        )
    try:
        document = verified(file.read_bytes(), DIRECTORY, by)
    except OSError as unreadable:
        raise Trouble(f"{file} can't be read: {unreadable}") from unreadable
    except NotGenuine as wrong:
        raise Trouble(f"{file}: {wrong}") from wrong
    numbers = sum(len(post["points"]) for post in document["posts"]) + len(document["lines"])
    print(
        f"{file}: genuine, signed by {document['office']} as of {document['as_of']};"
        f" posts: {len(document['posts']):,}, ways to reach them: {numbers:,}"
    )
    return 0


def ensure_installation() -> None:
    """Say that a key must be named where there is no installation that has one of its own. Raises Trouble."""
    if not os.environ.get(URL) and not (Path(os.environ.get("HUYING_HOME") or ".data") / "keys").is_dir():
        raise Trouble("nothing is installed here; add --key with the 64 hex digits on the city's directory page")


def own_key() -> str:
    """Return the public key of this installation. Raises Trouble."""
    from huying.vault.keys import KeyProblem, signing_key

    try:
        return public_key(signing_key())
    except KeyProblem as wrong:
        raise Trouble(f"{wrong}, or have another by `huying directory new-key`") from wrong


def make_new_key() -> int:
    """Sign with another key from now on. Raises Trouble."""
    from huying.vault.keys import KeyProblem, replace_signing_key

    try:
        made = replace_signing_key()
    except KeyProblem as wrong:
        raise Trouble(str(wrong)) from wrong
    print(f"{public_key(made)}\nThis key signs the directory once `huying up` was started anew; tell everybody.")
    return 0
