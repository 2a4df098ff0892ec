"""The policy: what a plan aims for, in which order, and the bounds that it keeps."""

from typing import Annotated, Literal

from pydantic import Field

from planner.allocation import Policy as EnginePolicy
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model
from planner.errors import Fault, InvalidInputError
from planner.services.reference import get_policy, put_policy
from planner.services.tokens import Area

policy = Resource("policy", Area.REFERENCE, "What a plan aims for, in which order, and the bounds that it keeps.")

Goal = Literal["statutory", "fairness", "priority", "cost", "moves"]
Share = Annotated[float, Field(ge=0, le=1)]


class Policy(Model):
    """The goals in their order, bounds by ministry as shares of what it asks for, and sites by requirement."""

    levels: list[Goal] = Field(max_length=5, description="The first counts above all; what is left out counts nothing.")
    fairness: Literal["leximin", "maxmin"]
    tolerance: Share = Field(description="The share of a goal that later ones may use.")
    protect_incumbents: bool
    staff_gate: bool = Field(description="Whether data staff limits what is hosted.")
    floors: dict[Code, Share] = Field(description="The least service share, by ministry.")
    caps: dict[Code, Share] = Field(description="The greatest service share, by ministry.")
    pins: dict[Code, Code] = Field(description="The site where a requirement is to be, by its code.")


class PolicyInForce(Policy):
    """The policy in force; `version` is 0 until one is stored."""

    version: int


@policy.get()
def show(call: Call) -> PolicyInForce:
    """The policy in force."""
    found, version = get_policy(call.session, call.actor)
    terms = {name: getattr(found, name) for name in Policy.model_fields}
    return PolicyInForce.model_validate({**terms, "version": version}, strict=False)


@policy.put()
def replace(call: Call, body: Policy) -> PolicyInForce:
    """Put another policy in force, from the next plan run on."""
    wanted = EnginePolicy(**{**dict(body), "levels": tuple(body.levels)})
    try:
        put_policy(call.session, call.actor, wanted, call.version)
    except InvalidInputError as error:
        own = (Fault(each.address.removeprefix("policy."), each.code, each.message) for each in error.faults)
        raise InvalidInputError(own) from error
    call.session.expire_all()
    return show(call)
