"""Which pages have been left: a search ends when the page that asked for it is closed.

The server sees the connection of a page (its WebSocket) begin and end, and names the page to the
notebook in the `meta` of every request.
"""

from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

VISIT = "visit"
"""What the name of a page is called in the `meta` of a request."""

_LEFT: set[str] = set()


class Left(Exception):
    """The page that asked for some work is not there any more."""


def visit_of(scope: MutableMapping[str, Any]) -> str:
    """The name that marimo has given a page, from a request of it; empty where there is none.

    Args:
        scope: of the request.

    >>> visit_of({"headers": [(b"marimo-session-id", b"s_1")]})
    's_1'
    >>> visit_of({"headers": [], "query_string": b"session_id=s_2&file=x"})
    's_2'
    """
    named = dict(scope["headers"]).get(b"marimo-session-id")
    if named is not None:
        return named.decode("latin-1")
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return query.get("session_id", [""])[0]


async def until_left(app: Any, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Serve the connection of a page, and know when it has ended.

    Args:
        app: that serves it.
        scope: of the connection.
        receive: as ASGI has it.
        send: as ASGI has it.
    """
    visit = visit_of(scope)
    _LEFT.discard(visit)

    async def received() -> Any:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            _leave(visit)
        return message

    try:
        await app(scope, received, send)
    finally:
        _leave(visit)


def _leave(visit: str) -> None:
    if visit:
        _LEFT.add(visit)


def watched(request: Any, tell: Callable[[str], None]) -> Callable[[str], None]:
    """The function, which ends the work that calls it once its page has been left.

    Args:
        request: marimo's record of the request that asked for the work.
        tell: called with a line on how far it is.

    Raises:
        Left: by what is returned, once the page has been closed or loaded anew.

    >>> lines = []
    >>> watched(None, lines.append)("4,000 points")
    >>> lines
    ['4,000 points. Loading the page anew stops the search.']
    """
    visit = (getattr(request, "meta", None) or {}).get(VISIT, "")

    def told(words: str) -> None:
        if visit in _LEFT:
            raise Left
        tell(f"{words}. Loading the page anew stops the search.")

    return told
