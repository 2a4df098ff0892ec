"""Matrices of options made up at random, and the same written out in full."""

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior import Matrix


def random_matrix(
    rng: np.random.Generator, *, choices: int = 30, options: int = 100, sites: int = 3, years: int = 2, types: int = 2
) -> Matrix:
    """Options in any number for a requirement, with standby sites, present homes and entries of their own.

    The first of each requirement is to be granted nothing: it is at no site.

    Of the sites' cells and the four other slots some have no row, and some requirements ask for nothing at first.
    """
    requirement = np.sort(np.concatenate([np.arange(choices), rng.integers(0, max(choices, 1), options)]))
    options = len(requirement)
    first = np.searchsorted(requirement, np.arange(choices + 1))
    somewhere = np.ones(options, dtype=bool)
    somewhere[first[:-1]] = False
    site = np.where(somewhere, rng.integers(0, sites, options), -1)
    other = (site + rng.integers(1, max(sites, 2), options)) % sites
    profile = rng.uniform(0, 1, (choices, 2, years, types)) * (rng.random((choices, 2, years, 1)) < 0.8)
    cells = sites * years * types
    entries = rng.random((options, 4)) < 0.5
    counted = np.flatnonzero(rng.random(cells + 4) < 0.9)
    row = np.full(cells + 4, -1)
    row[counted] = rng.permutation(len(counted))
    return Matrix(
        sites=sites,
        first=first,
        site=site,
        standby=np.where((rng.random(options) < 0.3) & (other != site) & somewhere, other, -1),
        start=rng.integers(0, years, options),
        home=np.where(rng.random(choices) < 0.5, rng.integers(0, sites, choices), -1),
        profile=profile,
        begin=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(entries.sum(axis=1))]),
        slot=cells + np.nonzero(entries)[1],
        value=rng.uniform(-0.5, 1, int(entries.sum())),
        row=row,
        scale=rng.uniform(0.5, 2, len(row)),
    )


def requirement_of(matrix: Matrix, option: int) -> int:
    """Whose option this is."""
    return int(np.searchsorted(matrix.first, option, side="right")) - 1


def in_full(matrix: Matrix, rows: int) -> Floats:
    """Every coefficient, (rows, k)."""
    _, _, years, types = matrix.profile.shape
    full = np.zeros((rows, len(matrix.site)))

    def add(slot: int, option: int, value: float) -> None:
        if matrix.row[slot] >= 0:
            full[matrix.row[slot], option] += value / matrix.scale[slot]

    for k in range(len(matrix.site)):
        n = requirement_of(matrix, k)
        for t in range(years):
            begun = t >= matrix.start[k]
            for r in range(types):
                cell, (amount, standby) = t * types + r, matrix.profile[n, :, t, r]
                at = matrix.site[k] if begun else matrix.home[n]
                if at >= 0 and matrix.site[k] >= 0:
                    add(at * years * types + cell, k, amount)
                if begun and matrix.standby[k] >= 0:
                    add(matrix.standby[k] * years * types + cell, k, standby)
        for entry in range(matrix.begin[k], matrix.begin[k + 1]):
            add(matrix.slot[entry], k, matrix.value[entry])
    return full
