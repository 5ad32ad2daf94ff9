"""`huying backup FILE` and `huying restore FILE`: database and files in one sealed file, keys apart.

The file is sealed under the master key, which is not in it: without the keys' own copy nobody restores anything.
A restore goes into an empty place and is not done before ledger and counts were verified there.
"""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from psycopg.conninfo import conninfo_to_dict

from huying.cases.clock import now
from huying.cases.models import Case, Contact
from huying.cases.verification import broken_entries
from huying.config.house import OWNER_URL, URL, House, Trouble
from huying.config.postgres import programs_of
from huying.ledger.models import LedgerLine
from huying.vault.keys import KeyProblem, installation_keys, sealing_key
from huying.vault.stream import read_sealed, write_sealed
from huying.vault.suite import Unreadable

_DUMP, _MANIFEST, _FILES = "database.dump", "manifest.json", "files"


def back_up(house: House, file: Path) -> int:
    """Write everything but the keys to `file`, complete or not at all. Raises Trouble."""
    if file.exists():
        raise Trouble(f"{file} exists already; give the backup a name of its own")
    with TemporaryDirectory(dir=house.home) as folder:
        dump, packed = Path(folder) / _DUMP, Path(folder) / "packed.tar"
        _run(_program(house, "pg_dump"), "--format=custom", f"--file={dump}")
        manifest = Path(folder) / _MANIFEST
        manifest.write_text(json.dumps({"made_at": now().isoformat(), **_counts()}), "utf-8")
        with tarfile.open(packed, "w") as tar:
            tar.add(manifest, _MANIFEST)
            tar.add(dump, _DUMP)
            if (house.home / _FILES).is_dir():
                tar.add(house.home / _FILES, _FILES)
        _seal(packed, file)
    counts = ", ".join(f"{number:,} {name}" for name, number in _counts().items())
    print(f"{file}: {counts}. The keys in {house.home / 'keys'} are not in it; keep a copy of them elsewhere.")
    return 0


def restore(house: House, file: Path) -> int:
    """Fill an empty installation from `file`, then verify it. Raises Trouble."""
    if not file.is_file():
        raise Trouble(f"{file}: there is no such file")
    try:
        sealing_key()
    except KeyProblem as missing:
        raise Trouble(str(missing)) from missing
    if connection.introspection.table_names():
        raise Trouble(f"{house.home} is not empty; restore into a HUYING_HOME that holds nothing but the keys")
    with TemporaryDirectory(dir=house.home) as folder:
        packed = Path(folder) / "packed.tar"
        _unseal(file, packed)
        with tarfile.open(packed) as tar:
            # Python before 3.11.4 has no filters; the archive is authentic, nobody without the master key made it.
            tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
            tar.extractall(folder)  # noqa: S202
        _run(_program(house, "pg_restore"), "--no-owner", "--exit-on-error", "--dbname=", str(Path(folder) / _DUMP))
        if (Path(folder) / _FILES).is_dir():
            shutil.copytree(Path(folder) / _FILES, house.home / _FILES, dirs_exist_ok=True)
        manifest = json.loads((Path(folder) / _MANIFEST).read_text("utf-8"))
    return _verified(manifest)


def _verified(manifest: Mapping[str, object]) -> int:
    installation_keys()
    broken = [*broken_entries()]
    for entry in broken:
        print(f"BROKEN {entry}")
    counts = _counts()
    missing = {name: number for name, number in counts.items() if manifest.get(name) != number}
    for name, number in missing.items():
        print(f"DIFFERENT {name}: the backup had {manifest.get(name)}, there are {number}")
    if broken or missing:
        return 1
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    print(f"restored the backup of {manifest['made_at']}: {told}; the ledger holds")
    return 0


def _counts() -> dict[str, int]:
    return {
        "contacts": Contact.objects.count(),
        "cases": Case.objects.count(),
        "ledger lines": LedgerLine.objects.count(),
    }


def _seal(packed: Path, file: Path) -> None:
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with packed.open("rb") as source, unfinished.open("xb") as target:
            os.fchmod(target.fileno(), 0o600)
            write_sealed(source, target, sealing_key())
            target.flush()
            os.fsync(target.fileno())
        unfinished.rename(file)
    except OSError as full:
        unfinished.unlink(missing_ok=True)
        raise Trouble(f"{file} can't be written ({full.strerror})") from full


def _unseal(file: Path, packed: Path) -> None:
    try:
        with file.open("rb") as source, packed.open("wb") as target:
            for block in read_sealed(source, sealing_key()):
                target.write(block)
    except (Unreadable, OverflowError) as wrong:
        raise Trouble(f"{file} can't be opened with these keys: another key sealed it, or it is damaged") from wrong


def _program(house: House, name: str) -> Path:
    """Return pg_dump or pg_restore of the server's own major version."""
    if house.own_database:
        return programs_of(house.home) / name
    found = shutil.which(name)
    major = connection.cursor().connection.info.server_version // 10000
    if found is None:
        raise Trouble(f"{name} is not installed; install the client programs of PostgreSQL {major}")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if f" {major}." not in said:
        raise Trouble(f"{name} is {said.split()[-1]}, the server {major}; install the client programs of {major}")
    return Path(found)


def _run(program: Path, *options: str) -> None:
    """Run a program on the owner's address, which goes by the environment: arguments can be read by everybody."""
    parts = conninfo_to_dict(os.environ.get(OWNER_URL) or os.environ[URL])
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    given = {names[name]: str(value) for name, value in parts.items() if name in names}
    options = tuple(f"--dbname={parts['dbname']}" if option == "--dbname=" else option for option in options)
    done = subprocess.run([program, *options], env={**os.environ, **given}, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(
            f"{program.name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no reason'}"
        )
