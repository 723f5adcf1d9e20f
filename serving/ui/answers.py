"""How a page leaves: rendered from its context, under a policy that lets nothing foreign in."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request
from litestar.response import Template

from bighead.pipeline_lib.errors import BigheadError
from bighead.serving.registry_api.error_answers import status_and_code
from bighead.serving.ui.contexts import Page, ProblemPage

HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: it would send forms with `Origin: null`, which looks like a foreign page.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def answer_page(template: str, page: Page, status: int = 200) -> Template:
    """Return a rendered page; the template sees its context as `page`."""
    return Template(template, context={"page": page}, headers=HEADERS, status_code=status)


def answer_problem(_request: Request[Any, Any, Any], error: BigheadError) -> Template:
    """Answer an error of ours as a page that says the cure."""
    status, _code = status_and_code(error)
    titles = {404: "Not found", 403: "Refused", 409: "Not promoted", 503: "Not available"}
    said = ProblemPage(titles.get(status, "This did not work"), error.message, error.cure or "")
    return answer_page("problem.html", said, status)
