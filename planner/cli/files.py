"""Files on the command line: how they are named, and output that is never half-written."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

EXISTING: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
FILE: Final = click.Path(dir_okay=False, path_type=Path)
FOLDER: Final = click.Path(file_okay=False, path_type=Path)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose content becomes `path` when the block ends well; otherwise `path` stays as it was.

    The content is written beside `path` and renamed over it, so a reader sees the old file or the new one.
    A file that already holds the same bytes is left alone. Missing folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
        written = Path(stream.name)
        try:
            yield stream
            stream.flush()
            if path.is_file() and path.read_bytes() == written.read_bytes():
                written.unlink()
            else:
                written.chmod(0o644)
                written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
