"""Loops over requirements and their options, compiled when they are first called.

Importing this module takes half a second, for the compiler; whoever does not solve by an interior point is spared that.
What is compiled is kept on disk: beside this file, in the user's cache, or where `NUMBA_CACHE_DIR` says.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np

from planner.allocation.instance import Floats, Ints
from planner.allocation.interior.matrix import Matrix

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """`function` in machine code, which lets other threads go on meanwhile.

    Sums may be added in another order than is written, but always in the same.
    """

    def compile_it(cache: bool) -> Any:
        return numba.njit(function, cache=cache, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})

    try:
        kernel: Kernel = compile_it(cache=True)
    except RuntimeError:  # there is no folder to keep it in
        kernel = compile_it(cache=False)
    return kernel


@compiled
def use(matrix: Matrix, amounts: Floats, first: int, last: int) -> Floats:
    """What `amounts` of the options of the requirements from `first` up to `last` use of every slot, unscaled."""
    total = np.zeros(len(matrix.row))
    faces = np.empty((2, _width(matrix)))
    for n in range(first, last):
        lead = _fill(matrix, n, faces)
        for k in range(matrix.first[n], matrix.first[n + 1]):
            for base, low, high, face in _stays(matrix, n, k, lead):
                for i in range(low, high):
                    total[base + i] += amounts[k] * faces[face, i]
            for entry in range(matrix.begin[k], matrix.begin[k + 1]):
                total[matrix.slot[entry]] += amounts[k] * matrix.value[entry]
    return total


@compiled
def charge(matrix: Matrix, prices: Floats, first: int, last: int, charges: Floats) -> None:
    """Set what the options of the requirements from `first` up to `last` pay at unscaled prices of the slots."""
    faces = np.empty((2, _width(matrix)))
    for n in range(first, last):
        lead = _fill(matrix, n, faces)
        for k in range(matrix.first[n], matrix.first[n + 1]):
            paid = 0.0
            for base, low, high, face in _stays(matrix, n, k, lead):
                for i in range(low, high):
                    paid += prices[base + i] * faces[face, i]
            for entry in range(matrix.begin[k], matrix.begin[k + 1]):
                paid += prices[matrix.slot[entry]] * matrix.value[entry]
            charges[k] = paid


class Part(NamedTuple):
    """One requirement's part of the Gram matrix, while it is worked out, in arrays that are used again.

    Options use cells by runs: the site's first, from which up to which, and as which of the `faces`, (most, 4). A slot
    that is no cell counts as a run of one. `square` is the lower half of the profile's.
    """

    faces: Floats  # (3, T * R): at a site, at a standby site, and ones
    square: Floats
    runs: Ints
    small: Floats  # (most, most) over the runs: theta a a' less the weighed square of the sums
    sums: Floats  # (most,): theta a
    used: Ints  # (most,): what one option uses, and how much of it
    amount: Floats


@compiled
def gram(matrix: Matrix, theta: Floats, weight: Floats, first: int, last: int) -> Floats:
    """A matrix over the slots, unscaled, that makes `Columns.gram` of some requirements with its transpose added.

    Whatever of a requirement's options use the same run of cells use it in proportion, to its profile. So its part is
    summed up over its runs first, and each number of that small matrix then spread over the cells behind it. Between
    the whole profile at one site and at another, that is by the profile's square, of which half is enough.
    """
    width, sites = _width(matrix), _sites(matrix, first, last)
    total, whole = np.zeros((len(matrix.row), len(matrix.row))), np.zeros((_half(sites), _half(width)))
    part = _part(matrix, first, last)
    for n in range(first, last):
        lead = _fill(matrix, n, part.faces)
        count = _sum_up(matrix, theta, n, lead, part)
        for a in range(count):
            for b in range(a + 1):
                part.small[a, b] -= weight[n] * part.sums[a] * part.sums[b]
            part.small[a, a] *= 0.5
        _spread(total, whole, part, count, lead)
        part.small[:count, :count] = 0.0
        part.sums[:count] = 0.0
    for a in range(sites):
        for b in range(a + 1):
            for i in range(width):
                for j in range(width):
                    total[a * width + i, b * width + j] += whole[_half(a) + b, _half(max(i, j)) + min(i, j)]
    return total


@compiled
def _part(matrix: Matrix, first: int, last: int) -> Part:
    """A part with room for each of some requirements."""
    most, width = 0, _width(matrix)
    for n in range(first, last):
        low, high = matrix.first[n], matrix.first[n + 1]
        most = max(most, 3 * (high - low) + matrix.begin[high] - matrix.begin[low])
    return Part(
        np.ones((3, width)),
        np.empty(_half(width)),
        np.empty((most, 4), dtype=np.int64),
        np.zeros((most, most)),
        np.zeros(most),
        np.empty(most, dtype=np.int64),
        np.empty(most),
    )


@compiled
def _sum_up(matrix: Matrix, theta: Floats, n: int, lead: int, part: Part) -> int:
    """List the runs of requirement n and add up its theta a a' and theta a over them; how many runs there are."""
    count = 0
    for k in range(matrix.first[n], matrix.first[n + 1]):
        uses = 0
        for run in _stays(matrix, n, k, lead):
            if run[1] < run[2]:
                part.used[uses], part.amount[uses] = _find(part.runs, count, run), 1.0
                count = max(count, part.used[uses] + 1)
                uses += 1
        for entry in range(matrix.begin[k], matrix.begin[k + 1]):
            slot = matrix.slot[entry]
            if matrix.row[slot] >= 0:
                part.used[uses], part.amount[uses] = _find(part.runs, count, (slot, 0, 1, 2)), matrix.value[entry]
                count = max(count, part.used[uses] + 1)
                uses += 1
        for a in range(uses):
            scaled = theta[k] * part.amount[a]
            part.sums[part.used[a]] += scaled
            for b in range(uses):
                part.small[part.used[a], part.used[b]] += scaled * part.amount[b]
    return count


@compiled
def _find(runs: Ints, count: int, run: tuple[int, int, int, int]) -> int:
    """Which of the first `count` runs this is; if none, it becomes the next."""
    for at in range(count):
        if runs[at, 0] == run[0] and runs[at, 1] == run[1] and runs[at, 2] == run[2] and runs[at, 3] == run[3]:
            return at
    for i in range(4):
        runs[count, i] = run[i]
    return count


@compiled
def _spread(total: Floats, whole: Floats, part: Part, count: int, lead: int) -> None:
    """Add what the lower half of `small` means: for pairs of whole profiles to `whole`, else to `total`."""
    runs, width = part.runs, part.faces.shape[1]
    at = 0
    for i in range(width):
        for j in range(i + 1):
            part.square[at] = part.faces[0, i] * part.faces[0, j]
            at += 1
    for a in range(count):
        is_whole = runs[a, 1] == lead and runs[a, 2] == width and runs[a, 3] == 0
        part.used[a] = runs[a, 0] // width if is_whole else -1
        for b in range(a + 1):
            larger, smaller = max(part.used[a], part.used[b]), min(part.used[a], part.used[b])
            if smaller >= 0:
                pair = whole[_half(larger) + smaller]
                for i in range(len(part.square)):
                    pair[i] += part.small[a, b] * part.square[i]
            elif runs[a, 2] - runs[a, 1] < runs[b, 2] - runs[b, 1]:
                _add_product(total, part.small[a, b], runs[a], runs[b], part.faces)
            else:
                _add_product(total, part.small[a, b], runs[b], runs[a], part.faces)


@compiled
def _add_product(total: Floats, scaled: float, row: Ints, column: Ints, faces: Floats) -> None:
    """Add a multiple of the product of two runs, the one down and the other across."""
    across = faces[column[3], column[1] : column[2]]
    for i in range(row[1], row[2]):
        down = scaled * faces[row[3], i]
        into = total[row[0] + i, column[0] + column[1] : column[0] + column[2]]
        for j in range(len(across)):
            into[j] += down * across[j]


@compiled
def _half(size: int) -> int:
    """How many elements a square has on and below the diagonal; so many stand before those of row `size`."""
    return size * (size + 1) // 2


@compiled
def _width(matrix: Matrix) -> int:
    """How many cells a site has."""
    width: int = matrix.profile.shape[1] * matrix.profile.shape[2]
    return width


@compiled
def _sites(matrix: Matrix, first: int, last: int) -> int:
    """One more than the last site of the options of some requirements."""
    last_site = -1
    for k in range(matrix.first[first], matrix.first[last]):
        last_site = max(last_site, matrix.site[k])
    return last_site + 1


@compiled
def _fill(matrix: Matrix, n: int, faces: Floats) -> int:
    """Set what requirement n uses at a site and at a standby site, (2, T * R); how many cells come before the first."""
    _, years, types = matrix.profile.shape
    lead, leads = 0, True
    for t in range(years):
        for r in range(types):
            faces[0, t * types + r] = matrix.profile[n, t, r]
            faces[1, t * types + r] = matrix.profile[n, t, r] * matrix.ratio[r]
            leads = leads and matrix.profile[n, t, r] == 0.0
            lead += leads
    return lead


@compiled
def _stays(matrix: Matrix, n: int, k: int, lead: int) -> tuple[tuple[int, int, int, int], ...]:
    """The runs of cells that option k uses, of which some may be empty: at its site, its standby site and its home."""
    width = _width(matrix)
    cut = max(matrix.start[k] * matrix.profile.shape[2], lead)
    return (
        (matrix.site[k] * width, cut, width, 0),
        (matrix.standby[k] * width, cut, width if matrix.standby[k] >= 0 else cut, 1),
        (matrix.home[n] * width, lead, cut if matrix.home[n] >= 0 else lead, 0),
    )
