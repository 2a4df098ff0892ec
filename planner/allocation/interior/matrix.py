"""The options' coefficients on the shared rows, stated by what they are made up of."""

from typing import NamedTuple

from planner.allocation.instance import Floats, Ints


class Matrix(NamedTuple):
    """The matrix A of k options, in the order of their requirements.

    An option uses its requirement's profile at its site and its standby site, which is another one, from its start on,
    and before that at the requirement's home. One at no site uses no cell. What else an option uses are entries.

    What is used are slots: a cell for each site, year and type, in this order, and then all that is no capacity. A slot
    counts in the `row` that it has, and a cell may have none (-1); no two have the same. Row by row, A is divided by
    `scale`.
    """

    sites: int
    first: Ints  # (choices + 1,): a requirement has the options from the one number up to the next
    site: Ints  # (k,), -1 for none
    standby: Ints  # (k,), -1 for none
    start: Ints  # (k,)
    home: Ints  # (choices,), -1 for none
    profile: Floats  # (choices, 2, T, R), at a site or home and at a standby site; in one piece
    begin: Ints  # (k + 1,): an option has the entries from the one number up to the next, no slot twice
    slot: Ints  # (entries,), none of them a cell
    value: Floats  # (entries,)
    row: Ints  # (slots,)
    scale: Floats  # (slots,)


class Weights(NamedTuple):
    """Theta of every option's share, what that is in all, and where it is largest.

    What a requirement's options do is stated by how they differ from the one with the largest theta, its key (as in
    generalised upper bounding, Dantzig and Van Slyke, J. Comput. Syst. Sci. 1, 1967): theta of an option that is as
    good as taken is so large beside all others that sums with it would have to cancel.
    """

    theta: Floats  # (k,): the share over its dual slack
    total: Floats  # (choices,): the sum over each requirement's options
    key: Ints  # (choices,): the option with the largest
