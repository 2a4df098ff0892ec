"""Loops over requirements and their options, compiled when they are first called.

Importing this module takes half a second, for the compiler; whoever does not solve by an interior point is spared that.
What is compiled is kept on disk if that can be: where `NUMBA_CACHE_DIR` says, beside this file, or in the user's cache.
A folder of that name that can only be read, as in an image, is made use of, too.

Positions in inner loops have no sign, so that nobody looks each time whether they count from the end.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from planner.allocation.instance import Floats, Ints
from planner.allocation.interior.matrix import Matrix, Weights

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Span: TypeAlias = tuple[int, int]
"""Some requirements, from the one up to the other."""
Run: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


def copy_cache() -> None:
    """Where what was compiled before can be read, but not written, have this process work on a copy of its own.

    The compiler makes no use of a folder that it cannot write to.
    """
    settings: Any = numba.config
    folder = settings.CACHE_DIR
    if not folder or not Path(folder).is_dir() or os.access(folder, os.W_OK):
        return
    with suppress(OSError):  # where nothing at all can be written, everything is compiled anew
        copy = tempfile.TemporaryDirectory(prefix="planner-kernels-")
        atexit.register(copy.cleanup)
        shutil.copytree(folder, copy.name, dirs_exist_ok=True)
        settings.CACHE_DIR = copy.name


copy_cache()


def compiled(function: Kernel) -> Kernel:
    """`function` in machine code, which lets other threads go on meanwhile.

    Sums may be added in another order than is written, but always in the same if no loop both adds up and stores: what
    becomes of such a loop depends on where in memory the arrays lie.
    """

    def compile_it(cache: bool) -> Any:
        return numba.njit(function, cache=cache, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})

    try:
        kernel: Kernel = compile_it(cache=True)
    except RuntimeError:  # there is no folder to keep it in
        kernel = compile_it(cache=False)
    return kernel


def inlined(function: Kernel) -> Kernel:
    """`function` as a part of the loops that call it: a call counts references to every array that it is given."""
    kernel: Kernel = numba.njit(function, inline="always")
    return kernel


@compiled
def use(matrix: Matrix, amounts: Floats, span: Span) -> Floats:
    """What `amounts` of the options of some requirements use of every slot, unscaled."""
    used, profile = np.zeros(len(matrix.row)), _profile(matrix)
    for n in range(*span):
        lead = _lead(profile, n)
        for k in range(matrix.first[n], matrix.first[n + 1]):
            _use(matrix, profile, (n, k, lead), amounts[k], used)
    return used


@compiled
def weigh(first: Ints, weights: Weights, span: Span) -> None:
    """Set the totals of theta, 1 where there is none, and the keys of some requirements."""
    for n in range(*span):
        total = 0.0
        for k in range(first[n], first[n + 1]):
            total += weights.theta[k]
        weights.total[n] = total if total > 0.0 else 1.0
        weights.key[n] = first[n]
        for k in range(first[n], first[n + 1]):
            if weights.theta[k] > weights.theta[weights.key[n]]:
                weights.key[n] = k


@compiled
def share_out(first: Ints, weights: Weights, gains: Floats, alpha: Floats, span: Span) -> None:
    """Set `gains` of some requirements' options to theta (gain + a), with a such that each requirement's are `alpha`.

    Set `alpha` to these a. The key's is what the others leave of it.
    """
    for n in range(*span):
        if first[n] == first[n + 1]:
            continue
        key, wanted = weights.key[n], alpha[n]
        gain, total = gains[key], 0.0
        for k in range(first[n], first[n + 1]):
            total += weights.theta[k] * (gains[k] - gain)
        each = (wanted - total) / weights.total[n]
        alpha[n] = each - gain
        for k in range(first[n], first[n + 1]):
            gains[k] = weights.theta[k] * ((gains[k] - gain) + each)
        gains[key] = 0.0
        others = 0.0
        for k in range(first[n], first[n + 1]):
            others += gains[k]
        gains[key] = wanted - others


@inlined
def _use(matrix: Matrix, profile: Floats, option: tuple[int, int, int], amount: float, used: Floats) -> None:
    """Add what `amount` of an option uses, given its requirement, itself and the requirement's lead."""
    n, k, lead = option
    for base, low, high, face in _stays(matrix, n, k, lead):
        for i in range(low, high):
            used[base + i] += amount * profile[n, face, i]
    for entry in range(np.uint64(matrix.begin[k]), np.uint64(matrix.begin[k + 1])):
        used[np.uint64(matrix.slot[entry])] += amount * matrix.value[entry]


@compiled
def charge(matrix: Matrix, prices: Floats, charges: Floats, span: Span) -> None:
    """Set what the options of some requirements pay at unscaled prices of the slots."""
    profile = _profile(matrix)
    for n in range(*span):
        lead = _lead(profile, n)
        for k in range(matrix.first[n], matrix.first[n + 1]):
            paid = 0.0
            for base, low, high, face in _stays(matrix, n, k, lead):
                for i in range(low, high):
                    paid += prices[base + i] * profile[n, face, i]
            for entry in range(np.uint64(matrix.begin[k]), np.uint64(matrix.begin[k + 1])):
                paid += prices[np.uint64(matrix.slot[entry])] * matrix.value[entry]
            charges[k] = paid


class Part(NamedTuple):
    """One requirement's part of the Gram matrix, while it is worked out, in arrays that are used again.

    Options use cells by runs: the site's first, from which up to which, and as which of the `faces`, (most, 4). A slot
    that is no cell counts as a run of one, and has rank 0 and no site; the whole profile at a site has rank 2, other
    runs have 1.
    """

    faces: Floats  # (3, T * R): at a site, at a standby site, and ones
    square: Floats  # ((T * R) ** 2,): products of the first with itself
    runs: NDArray[np.uint64]
    site: NDArray[np.uint64]  # (most,): of the runs
    rank: Ints  # (most,)
    small: Floats  # (most, most) over the runs: theta a a'
    sums: Floats  # (most,): theta a
    used: Ints  # (2 * most,): what the key uses, and how much of it, and then another option
    amount: Floats


@compiled
def gram(matrix: Matrix, weights: Weights, span: Span) -> tuple[Floats, Floats]:
    """What makes `Columns.gram` of some requirements over the slots, unscaled, with its transpose added.

    That is the rows of the slots that are no cells, and what the cells' rows have, pair of sites by pair of sites, so
    that it lies near, (S * S, (T * R) ** 2).

    Whatever of a requirement's options use the same run of cells use it in proportion, to its profile. So its part is
    summed up over its runs first, and each number of that small matrix then spread over the cells behind it.
    """
    width, pairs = _width(matrix), matrix.sites**2
    rows = np.zeros((len(matrix.row) - matrix.sites * width, len(matrix.row)))
    blocks = np.zeros((pairs, width * width))
    part, profile = _part(matrix, span), _profile(matrix)
    for n in range(*span):
        part.faces[:2] = profile[n]
        lead = _lead(profile, n)
        count = _sum_up(matrix, weights, n, lead, part)
        for a in range(count):
            is_whole = part.runs[a, 1] == lead and part.runs[a, 2] == width and part.runs[a, 3] == 0
            part.rank[a] = 2 if is_whole else 1 if part.runs[a, 3] < 2 else 0
            part.site[a] = part.runs[a, 0] // np.uint64(width)
        _spread(rows, blocks, part, count, 1.0 / weights.total[n])
    return rows, blocks


@compiled
def _part(matrix: Matrix, span: Span) -> Part:
    """A part with room for each of some requirements."""
    most, width = 0, _width(matrix)
    for n in range(*span):
        low, high = matrix.first[n], matrix.first[n + 1]
        most = max(most, 3 * (high - low) + matrix.begin[high] - matrix.begin[low])
    return Part(
        faces=np.ones((3, width)),
        square=np.empty(width * width),
        runs=np.empty((most, 4), dtype=np.uint64),
        site=np.empty(most, dtype=np.uint64),
        rank=np.empty(most, dtype=np.int64),
        small=np.zeros((most, most)),
        sums=np.zeros(most),
        used=np.empty(2 * most, dtype=np.int64),
        amount=np.empty(2 * most),
    )


@compiled
def _sum_up(matrix: Matrix, weights: Weights, n: int, lead: int, part: Part) -> int:
    """List the runs of requirement n and add up its theta a a' and theta a over them; how many runs there are.

    Here a is by what an option differs from the requirement's key.
    """
    count, of_key, rest, key = 0, 0, 0.0, weights.key[n]
    for nth in range(matrix.first[n], matrix.first[n + 1]):
        k = key if nth == matrix.first[n] else nth - 1 if nth <= key else nth  # the key comes first
        uses = of_key
        for run in _stays(matrix, n, k, lead):
            if run[1] < run[2]:
                part.used[uses], part.amount[uses] = _find(part.runs, count, run), 1.0
                count = max(count, part.used[uses] + 1)
                uses += 1
        for entry in range(matrix.begin[k], matrix.begin[k + 1]):
            run = _run(matrix.slot[entry], 0, 1, 2)
            part.used[uses], part.amount[uses] = _find(part.runs, count, run), matrix.value[entry]
            count = max(count, part.used[uses] + 1)
            uses += 1
        if k == key:
            of_key = uses
            continue
        rest += weights.theta[k]
        for a in range(of_key, uses):
            scaled = weights.theta[k] * part.amount[a]
            part.sums[part.used[a]] += scaled
            for b in range(of_key, uses):
                part.small[part.used[a], part.used[b]] += scaled * part.amount[b]
    for a in range(of_key):
        for b in range(count):
            taken = part.amount[a] * part.sums[b]
            part.small[part.used[a], b] -= taken
            part.small[b, part.used[a]] -= taken
        for b in range(of_key):
            part.small[part.used[a], part.used[b]] += rest * part.amount[a] * part.amount[b]
    for a in range(of_key):
        part.sums[part.used[a]] -= rest * part.amount[a]
    return count


@compiled
def _find(runs: NDArray[np.uint64], count: int, run: Run) -> int:
    """Which of the first `count` runs this is; if none, it becomes the next."""
    for at in range(count):
        if runs[at, 0] == run[0] and runs[at, 1] == run[1] and runs[at, 2] == run[2] and runs[at, 3] == run[3]:
            return at
    for i in range(4):
        runs[count, i] = run[i]
    return count


@compiled
def _spread(rows: Floats, blocks: Floats, part: Part, count: int, weight: float) -> None:
    """Add what half of the part means, less its weighted sums, and clear it.

    The run of lower rank goes down and the other across. With the whole profile across, that is a stretch of the
    profile's square.
    """
    width, cells = np.uint64(part.faces.shape[1]), np.uint64(rows.shape[1] - rows.shape[0])
    sites = cells // width
    faces, runs, site, rank, square = part.faces, part.runs, part.site, part.rank, part.square
    for i in range(width):
        for j in range(width):
            square[i * width + j] = faces[0, i] * faces[0, j]
    for a in range(count):
        for b in range(a + 1):
            amount = part.small[a, b] - weight * part.sums[a] * part.sums[b]
            part.small[a, b] = part.small[b, a] = 0.0
            if a == b:
                amount *= 0.5
            down, across = (a, b) if rank[a] <= rank[b] else (b, a)
            low, high, face, other = runs[down, 1], runs[down, 2], runs[down, 3], runs[across, 3]
            block = site[down] * sites + site[across]
            if rank[down] == 0:
                row, column = runs[down, 0] - cells, runs[across, 0]
                for j in range(runs[across, 1], runs[across, 2]):
                    rows[row, column + j] += amount * faces[other, j]
            elif rank[across] == 2 and face == 0:
                for i in range(low * width, high * width):
                    blocks[block, i] += amount * square[i]
            else:
                for i in range(low, high):
                    scaled = amount * faces[face, i]
                    for j in range(runs[across, 1], runs[across, 2]):
                        blocks[block, i * width + j] += scaled * faces[other, j]
    part.sums[:count] = 0.0


@compiled
def _width(matrix: Matrix) -> int:
    """How many cells a site has."""
    width: int = matrix.profile.shape[2] * matrix.profile.shape[3]
    return width


@compiled
def _profile(matrix: Matrix) -> Floats:
    """The profiles by cell of a site, (choices, 2, T * R)."""
    return matrix.profile.reshape((len(matrix.home), 2, _width(matrix)))


@compiled
def _lead(profile: Floats, n: int) -> int:
    """How many cells of a site requirement n does not use before it uses the first."""
    lead, width = 0, profile.shape[2]
    while lead < width and profile[n, 0, lead] == 0.0 and profile[n, 1, lead] == 0.0:
        lead += 1
    return lead


@compiled
def _stays(matrix: Matrix, n: int, k: int, lead: int) -> tuple[Run, Run, Run]:
    """The runs of cells that option k uses, of which some may be empty: at its site, its standby site and its home."""
    width = _width(matrix)
    cut = max(matrix.start[k] * matrix.profile.shape[3], lead)
    is_somewhere = matrix.site[k] >= 0
    return (
        _run(matrix.site[k] * width, cut, width if is_somewhere else cut, 0),
        _run(matrix.standby[k] * width, cut, width if matrix.standby[k] >= 0 else cut, 1),
        _run(matrix.home[n] * width, lead, cut if matrix.home[n] >= 0 and is_somewhere else lead, 0),
    )


@compiled
def _run(base: int, low: int, high: int, face: int) -> Run:
    return np.uint64(base), np.uint64(low), np.uint64(high), np.uint64(face)
