"""An auditor: who did what, when, and what stood there before."""

from planner.text import N_
from walks.guide import Guide


def trace(guide: Guide) -> None:
    """The log, narrowed down; one requirement's whole history; what proves a plan."""
    guide.sign_in("auditor")
    guide.menu(N_("Administration"), N_("Audit log"))
    guide.fill(N_("User name"), "planner")
    guide.press(N_("Show"))
    guide.picture("audit-log")
    guide.menu(N_("Data"), N_("Requirements"))
    guide.fill(N_("Search"), "R-900002")
    guide.press(N_("Show"))
    guide.open("R-900002")
    guide.see(N_("History"))
    guide.picture("history", "#history")
    guide.menu(N_("Plans"), N_("Published plans"))
    guide.press(N_("What changed since it was run"))
    guide.see(N_("Certificate"))
