"""The REST API `/api/v1`: everything that the pages do, for programs.

`application` is a Flask application of its own beside the one of the pages: no session, cookie or form reaches it.
One request goes through `running`: token, scope and rate (`access`), what was sent (`reading`), one transaction, the
answer. What goes wrong anywhere has one shape (`errors`). Lists are paged by `paging`, plain values become JSON by
`values`, what pages show beside rows by `pages`, and values become texts for the services that read forms by `typed`.
`openapi` describes it all from the code.

**To add a resource**, write `planner/api/v1/<name>.py` and name it in `planner.api.v1.RESOURCES`; `requirements` shows
everything that can be wanted::

    sites = Resource("sites", Area.REFERENCE, "Data centres.")     # /api/v1/sites, tag and scopes `reference:…`

    @sites.get()
    def index(call: Call, query: SiteQuery) -> Page[Site]:         # query: a ListQuery or PageQuery with the filters
        \"\"\"List data centres.\"\"\"                                 # the docstring is what the documentation says
        found = list_sites(call.session, call.actor, SiteFilter(**query.arguments(), region=query.region))
        return Page(items=..., next=cursor_of(found.last))

    @sites.patch("/<code>")                                        # versioned: needs If-Match; hand `call.version` on
    def change(call: Call, code: str, body: SiteFields) -> Site:   # parts of the path come by their names
        ...

- The types of `query`, `body` and `upload` and the returned type are the contract: models of `values.Model`, which
  take no unknown field, convert nothing and know no NaN. Bound every text, list and number.
- `call.session` is one transaction, committed after the answer is made: never commit. The idempotency key is claimed
  as it begins; of what reads for long before it writes (`apart=True`) as it ends, so that nobody waits for the one lock
  of SQLite meanwhile. A service that reads in one snapshot gets `call.sessions` for that, and writes `within`
  `call.session`.
- An answer with a `version` is answered with it as its ETag. A service's `ConflictError` with its usual message means
  412 where the operation is versioned. 201 gets its Location from the answer's `code`; None is 204; `File` is a file.
- Raise what services raise; `InvalidInputError` has its addresses in the words of what was sent (`items[2].title`).
- A POST that changes nothing is declared `reads=True`, one whose answer holds a secret `secret=True`.
- Scopes speak of areas (`services.tokens.Area`); what the person may do is the service's to check, as for the pages.
"""
