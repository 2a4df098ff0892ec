"""How the ministry of a requirement that is not planned yet stands: what it has, is guaranteed, and may have."""

from dataclasses import dataclass

import numpy as np

from planner.allocation.explain.view import NOISE, Single


@dataclass(frozen=True, slots=True)
class Standing:
    """A ministry with the requirement, which makes up `part` of it; `share` of the rest is granted.

    `held`: a guarantee has a price, so that it is granted no more than that. `guaranteed` is the share that it keeps.
    """

    part: float
    share: float
    held: bool
    guaranteed: float
    cap: float

    @property
    def owed(self) -> float:
        """The part of what it goes without so far that must be served for its guarantee, if the requirement is not.

        Above 1 it is not enough: then some of the requirement itself is needed. Infinite if it goes without nothing.
        """
        needed = self.guaranteed - self.share * (1 - self.part)
        left = (1 - self.share) * (1 - self.part)
        if needed <= NOISE:
            return 0.0
        return needed / left if left > NOISE * needed else np.inf

    @property
    def at_cap(self) -> bool:
        """Whether it has the most that policy allows: with a requirement more there is room for others."""
        return self.share >= self.cap * (1 - NOISE)


def find_standing(single: Single) -> Standing:
    """How the ministry that asks for the requirement stands in the plan."""
    view, instance = single.view, single.instance
    code, policy = view.ministry_of(single.requirement), view.problem.policy
    own, others = float(instance.size.sum()), float(instance.ministry_size[instance.ministry[0]])
    share = next((row.share for row in view.plan.service if row.ministry == code), 1.0)
    held = any(prices.keys() & {f"service/{code}", f"floor/{code}"} for prices in view.weights.values())
    common = next((level.kept for level in view.plan.levels if level.name == "fairness"), 0.0)
    return Standing(
        part=own / (own + others) if own > 0 else 0.0,
        share=share,
        held=held,
        guaranteed=share if held else max(common, policy.floors.get(code, 0.0)),
        cap=policy.caps.get(code, np.inf),
    )
