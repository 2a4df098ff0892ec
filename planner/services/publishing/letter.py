"""The letter to a ministry on what the plan in force gives it, in the order and the manners of an official letter."""

from collections.abc import Iterator
from dataclasses import dataclass

from planner.services.publishing.outcome import MinistryOutcome
from planner.services.wording import reason_name
from planner.text import N_, Phrase, Value


@dataclass(frozen=True)
class Letter:
    """What it is about, to whom, what it says in order, and what is enclosed."""

    subject: Phrase
    to: Phrase
    paragraphs: tuple[Phrase, ...]
    enclosures: tuple[Phrase, ...]


def write_letter(outcome: MinistryOutcome) -> Letter:
    """The letter that sums up `outcome`."""
    words: dict[str, Value] = {"ministry": outcome.name, "first": outcome.first, "last": outcome.last}
    enclosed = (outcome.requirements, outcome.resources, outcome.shortfalls)
    return Letter(
        subject=Phrase(N_("Outcome of the allocation of data hosting, fiscal years %(first)s to %(last)s"), words),
        to=Phrase(N_("The Permanent Secretary, %(ministry)s"), words),
        paragraphs=(*_cause(outcome, words), *_outcome(outcome), *_end(outcome)),
        enclosures=tuple(
            Phrase(N_("%(title)s: %(count)s rows"), {"title": Phrase(table.title), "count": len(table.rows)})
            for table in enclosed
            if table.rows
        ),
    )


def _cause(outcome: MinistryOutcome, words: dict[str, Value]) -> Iterator[Phrase]:
    if outcome.counts.asked:
        sentence = N_(
            "%(ministry)s asked for hosting in fiscal years %(first)s to %(last)s. Requirements that were approved: "
            "%(count)s."
        )
    else:
        sentence = N_("%(ministry)s has no approved requirement in the plan for fiscal years %(first)s to %(last)s.")
    yield Phrase(sentence, {**words, "count": outcome.counts.asked})


def _outcome(outcome: MinistryOutcome) -> Iterator[Phrase]:
    counts = outcome.counts
    if counts.asked:
        sentence = N_(
            "The Ministry of Digital Economy and Society has allocated the capacity of the data centres and published "
            "plan %(plan)s. Granted in full: %(full)s. Granted in part: %(part)s. Not granted: %(none)s. By size this "
            "is %(percent)s %% of what was asked for. Enclosure 1 lists each requirement, enclosure 2 the units of "
            "each resource type."
        )
        yield Phrase(
            sentence,
            {
                "plan": outcome.publication.plan,
                "full": counts.full,
                "part": counts.part,
                "none": counts.none,
                "percent": round(100 * outcome.share, 1),
            },
        )
    if outcome.reasons:
        sentence = N_(
            "The main reasons for what is not granted, with the number of requirements: %(reasons)s. Enclosure 3 says "
            "why each falls short and which least change would help."
        )
        reasons = tuple(
            Phrase("%(reason)s (%(count)s)", {"reason": reason_name(code), "count": count})
            for code, count in outcome.reasons
        )
        yield Phrase(sentence, {"reasons": reasons})


def _end(outcome: MinistryOutcome) -> Iterator[Phrase]:
    yield Phrase(N_("Note on the publication: %(note)s"), {"note": outcome.publication.note})
    yield Phrase(
        N_(
            "This is for your information. If what the ministry needs has changed, please submit it in the next "
            "planning round."
        )
    )
