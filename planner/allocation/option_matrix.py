"""The options at hand and their matrix, in the form that the interior point works on.

Each requirement has a share of one in all, for to be granted nothing is an option, too. So rows that count what of it
is served may as well limit what it leaves wanting. That is how they are stated: where nothing is left wanting they have
no entries, and not the same one for every option, of which sums and prices would have to cancel.
"""

from dataclasses import dataclass, replace

import numpy as np

from planner.allocation.columns import build_wanting
from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.interior import Matrix
from planner.allocation.layout import Layout
from planner.allocation.options import Options, option_key


@dataclass(frozen=True, eq=False)
class OptionMatrix:
    """`options` in the order of the matrix, and their `matrix` over all rows.

    Requirement n is its choice place[n], or none of its choices (-1).
    """

    options: Options
    matrix: Matrix
    place: Ints

    def over(self, rows: Flags) -> Matrix:
        """The matrix over those of the rows, with positions counted among them; all it has besides are cells."""
        matrix = self.matrix
        row = np.where((matrix.row >= 0) & rows[matrix.row], (np.cumsum(rows) - 1)[matrix.row], -1)
        kept = (row >= 0) | (np.arange(len(row)) < matrix.sites * np.prod(matrix.profile.shape[2:]))
        stays = kept[matrix.slot]
        return matrix._replace(
            begin=_ends(stays)[matrix.begin],
            slot=(np.cumsum(kept) - 1)[matrix.slot[stays]],
            value=matrix.value[stays],
            row=row[kept],
            scale=matrix.scale[kept],
        )

    def values(self, row: int) -> Floats:
        """The options' unscaled coefficients of one row that is no capacity, (k,)."""
        (slot,) = np.flatnonzero(self.matrix.row == row)
        at = np.flatnonzero(self.matrix.slot == slot)
        values = np.zeros(len(self.options))
        values[np.searchsorted(self.matrix.begin, at, "right") - 1] = self.matrix.value[at]
        return values

    def take(self, kept: Ints | Flags) -> "OptionMatrix":
        """Those at `kept` (positions or a mask), which must leave them in the order of the choices."""
        matrix, options = self.matrix, self.options.take(kept)
        first, lengths = matrix.begin[:-1][kept], np.diff(matrix.begin)[kept]
        begin = _ends(lengths)
        at = np.repeat(first - begin[:-1], lengths) + np.arange(begin[-1])
        matrix = matrix._replace(
            first=_ends(np.bincount(self.place[options.requirement], minlength=len(matrix.home))),
            site=options.site,
            standby=options.standby,
            start=options.start,
            begin=begin,
            slot=matrix.slot[at],
            value=matrix.value[at],
        )
        return OptionMatrix(options, matrix, self.place)

    def join(self, instance: Instance, layout: Layout, options: Options) -> "OptionMatrix":
        """These and `options`, of which it has none yet."""
        slots = np.empty(len(layout), dtype=np.int64)
        slots[self.matrix.row[self.matrix.row >= 0]] = np.flatnonzero(self.matrix.row >= 0)
        extras = build_wanting(instance, layout, options)
        order = np.argsort(extras.column, kind="stable")
        counts = np.bincount(extras.column, minlength=len(options))
        joined = OptionMatrix(
            Options.join([self.options, options]),
            self.matrix._replace(
                begin=np.concatenate([self.matrix.begin, self.matrix.begin[-1] + np.cumsum(counts)]),
                slot=np.concatenate([self.matrix.slot, slots[extras.row[order]]]),
                value=np.concatenate([self.matrix.value, extras.value[order]]),
            ),
            self.place,
        )
        placed = replace(joined.options, requirement=self.place[joined.options.requirement])
        return joined.take(np.argsort(option_key(instance, placed), kind="stable"))

    def welcome(self, instance: Instance, layout: Layout, those: Ints) -> "OptionMatrix":
        """These with `those` requirements as choices, too, after all others, and as yet granted nothing."""
        matrix, place = self.matrix, self.place.copy()
        place[those] = len(matrix.home) + np.arange(len(those))
        matrix = matrix._replace(
            first=np.concatenate([matrix.first, np.full(len(those), len(self.options))]),
            home=np.concatenate([matrix.home, instance.home[those]]),
            profile=np.concatenate([matrix.profile, _profile(instance, those)]),
        )
        return OptionMatrix(self.options, matrix, place).join(instance, layout, Options.nowhere(those))


def build_matrix(instance: Instance, layout: Layout, among: Flags | None = None) -> OptionMatrix:
    """The matrix for the requirements `among` all, with no option for any of them yet but to be granted nothing.

    Requirements that may live at the same sites stand together, so that what they add to lies near.
    """
    rules = np.hstack([instance.allowed, instance.paired[:, None]])
    order = np.lexsort(np.packbits(rules, axis=1).T)
    place = np.full(len(order), -1)
    order = order if among is None else order[among[order]]
    place[order] = np.arange(len(order))
    cells = layout.capacity.transpose(0, 2, 1).ravel()
    row = np.concatenate([cells, np.setdiff1d(np.arange(len(layout)), np.concatenate([cells, layout.pin]))])
    none, nothing = Options.none(), np.zeros(0)
    matrix = Matrix(
        sites=len(instance.sites),
        first=np.zeros(len(order) + 1, dtype=np.int64),
        site=none.site,
        standby=none.standby,
        start=none.start,
        home=instance.home[order],
        profile=_profile(instance, order),
        begin=np.zeros(1, dtype=np.int64),
        slot=none.site,
        value=nothing,
        row=row,
        scale=np.where(row >= 0, layout.scale[row], 1.0),
    )
    return OptionMatrix(none, matrix, place).join(instance, layout, Options.nowhere(order))


def _profile(instance: Instance, those: Ints) -> Floats:
    """What `those` requirements ask for at a site and at a standby site, (those, 2, T, R)."""
    demand = np.ascontiguousarray(instance.demand[those].swapaxes(1, 2))
    return np.stack([demand, demand * instance.standby_ratio], axis=1)


def _ends(lengths: Ints | Flags) -> Ints:
    """Where parts of these lengths begin, and the end of the last."""
    ends: Ints = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    return ends
