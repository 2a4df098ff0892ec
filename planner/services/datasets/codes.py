"""The codes that new datasets get."""

import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Dataset

_CODE: Final = re.compile(r"D-(\d{6})", re.ASCII)


def free_codes(session: Session) -> Iterator[str]:
    """Codes from the next free one on: `D-000124`, `D-000125` …"""
    like = select(Dataset.code).where(Dataset.code.between("D-000000", "D-999999"))
    with session.scalars(like.order_by(Dataset.code.desc()).execution_options(yield_per=10)) as newest:
        last = next((int(found[1]) for code in newest if (found := _CODE.fullmatch(code))), 0)
    return (f"D-{number:06}" for number in range(last + 1, 1_000_000))
