"""The failover drill: for every site, what goes on after its loss, and what does not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.allocation.columns import build_hosting
from planner.allocation.explain.view import View, placed_options


@dataclass(frozen=True, slots=True)
class SiteLoss:
    """What the loss of `site` would do, over the whole horizon.

    Of the work with it as primary, `paired` is the size that asks for a standby copy and `single` the size that does
    not, all of which is lost. `survives` is the share of `paired` that the copies go on with: a copy holds the standby
    ratio of each resource type, which `by_type` gives alike, in that type's units (types without such work are left
    out). An incumbent has no copy until it has moved. `lost` lists the requirements that lose some, with the size they
    lose.
    """

    site: str
    paired: float
    single: float
    survives: float
    by_type: Mapping[str, float]
    lost: Mapping[str, float]


def failover_drill(view: View) -> tuple[SiteLoss, ...]:
    """The loss of every site in turn, by code. Sites without any primary have nothing to lose: `survives` is 1."""
    instance, placements = view.instance, view.plan.placements
    options = placed_options(instance, placements)
    shares = np.array([row.share for row in placements])
    hosting = build_hosting(instance, options)
    n = options.requirement
    units = instance.demand[n] * shares[:, None, None]  # (k, R, T)
    # Size by resource type, so that what a copy holds of each type is a part of it.
    size = np.divide(units, view.national, out=np.zeros_like(units), where=view.national > 0)
    size /= np.maximum((view.national > 0).sum(axis=0), 1)
    held = (hosting.standby >= 0)[:, None, :] * instance.standby_ratio[:, None]
    rows = []
    for s, site in enumerate(instance.sites):
        here = (hosting.site == s)[:, None, :]
        paired = here & instance.paired[n][:, None, None]
        of_size, copied = float((size * paired).sum()), float((size * paired * held).sum())
        asked, kept = (units * paired).sum(axis=(0, 2)), (units * paired * held).sum(axis=(0, 2))
        gone = np.bincount(n, (size * here * (1 - held)).sum(axis=(1, 2)), len(instance.requirements))
        rows.append(
            SiteLoss(
                site=site,
                paired=of_size,
                single=float((size * (here & ~paired)).sum()),
                survives=copied / of_size if of_size > 0 else 1.0,
                by_type={code: float(kept[r] / asked[r]) for r, code in enumerate(instance.types) if asked[r] > 0},
                lost={instance.requirements[i]: float(gone[i]) for i in np.flatnonzero(gone > 0).tolist()},
            )
        )
    return tuple(rows)
