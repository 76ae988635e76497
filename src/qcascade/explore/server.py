"""Serve the explorer's page to whoever started it, and to nobody else."""

import contextlib
import json
import os
import re
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..base.checks import ArgumentError, fail
from ..base.files import text_of
from ..base.optional import library
from ..papers import PAPERS
from ..report.points import is_file
from .visits import VISIT, until_left, visit_of

HOST = "127.0.0.1"

POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
"""What the page may load: its own files. A request to any other machine is refused by the
browser itself, whatever a library of the page would like to fetch."""

Message = MutableMapping[str, Any]
Application = Callable[[Message, Any, Any], Awaitable[None]]


def source(named: str | None) -> dict[str, str]:
    """What to show first: the key of a paper, or the text of a file.

    Args:
        named: a paper's key, the name of a TOML file, or None for the first paper.

    Raises:
        ArgumentError: for what is neither.

    >>> source("liu2024")
    {'key': 'liu2024'}
    """
    if named is None:
        return {"key": next(iter(PAPERS))}
    return {"text": text_of("source", Path(named))} if is_file(named) else {"key": named}


def listening(port: int | None) -> socket.socket:
    """A socket of this machine only; a free port when none is given.

    Args:
        port: 1 to 65535, or None.

    Raises:
        ArgumentError: when the port is no port, or taken.
    """
    if port is not None and not 0 < port < 65536:
        raise fail("port", "be a whole number from 1 to 65535", port)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port or 0))
    except OSError as error:
        listener.close()
        raise fail("port", "be a free port", port, str(error.strerror)) from None
    return listener


def guarded(app: Application, meta: dict[str, str], port: int, secret: str) -> Application:
    """The page for the browser of whoever started it only.

    A request must know the secret folder, which other users of this machine do not; it must name
    this machine as its host (a foreign name that resolves here is a trick of other pages), and
    must not come from another page.

    Args:
        app: the page.
        meta: what to show first, which the page finds with the request.
        port: where it is served.
        secret: the folder of the address under which everything is.
    """
    start = f"/{secret}"
    hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
    origins = {f"http://{host}" for host in hosts}

    async def answer(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): x.decode("latin-1") for key, x in scope["headers"]}
        ours = headers.get("host") in hosts and headers.get("origin", "") in {"", *origins}
        folder, path = scope["path"][: len(start)], scope["path"][len(start) :]
        known = secrets.compare_digest(folder.encode(), start.encode()) and path.startswith("/")
        if not (ours and known):
            await _refuse(scope, send)
            return
        picture = asset(path) if scope.get("method") == "GET" else None
        if picture is not None:
            await _send_asset(picture, send)
            return
        told = {**meta, VISIT: visit_of(scope)}
        inside = {**scope, "path": path, "raw_path": path.encode(), "meta": told}
        if scope["type"] == "websocket":
            await until_left(app, inside, receive, send)
        else:
            await app(inside, receive, _with_policy(send))

    return answer


_REFUSAL = "This page is for whoever started it; its address, key and all, stands in the terminal."


async def _refuse(scope: Message, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    kind = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": kind})
    await send({"type": "http.response.body", "body": _REFUSAL.encode()})


@lru_cache(maxsize=512)
def asset(path: str) -> tuple[bytes, bytes] | None:
    """Type and content of one of marimo's own files, read from the disk once.

    Their names carry a hash of what is in them, so a browser may keep them for good.

    Args:
        path: of the request; None comes back for what is no such file.
    """
    import mimetypes

    folder, _, name = path.rpartition("/")
    if folder != "/assets" or name not in _asset_names():
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return kind.encode(), (_assets() / name).read_bytes()


def _assets() -> Path:
    return Path(library("marimo").__file__).parent / "_static" / "assets"


@lru_cache(maxsize=1)
def _asset_names() -> frozenset[str]:
    return frozenset(os.listdir(_assets()))


async def _send_asset(picture: tuple[bytes, bytes], send: Any) -> None:
    kind, body = picture
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_policy(send: Any) -> Any:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            policy = (b"content-security-policy", POLICY.encode())
            message = {**message, "headers": [*message.get("headers", ()), policy]}
        await send(message)

    return sent


_FIRST = """<script>
(() => {
  const still = document.createElement('div');
  still.id = 'qc-first';
  still.style = 'pointer-events:none;font:13px system-ui,sans-serif;color:#66707a';
  still.innerHTML = '<b style="position:fixed;left:20px;top:24px;font-size:18px;color:#1f2a35">' +
    'qcascade</b><p style="position:fixed;left:20px;top:92px">loading the controls …</p>' +
    '<div style="position:fixed;left:26%%;top:88px;width:46%%;z-index:1">' + %s + '</div>';
  const drawn = () => {
    const element = document.querySelector('[data-cell-name="centre"] marimo-plotly');
    const inside = element && element.shadowRoot;
    const refused = document.querySelector('[data-cell-name="centre"] [role="alert"]');
    return refused || (inside && inside.querySelector('.nsewdrag'));
  };
  const wait = () => drawn() ? still.remove() : requestAnimationFrame(wait);
  // 'interactive' comes before the page's scripts run, DOMContentLoaded after them
  const parsed = () => { document.body.append(still); wait(); };
  document.addEventListener('readystatechange', parsed, { once: true });
})();
</script>"""
"""Shows the first figure while the page itself is still being loaded."""


def page(meta: dict[str, str], port: int, secret: str, first: str = "") -> Application:
    """The explorer as an ASGI application.

    Args:
        meta: from `source`.
        port: where it is served.
        secret: the folder of the address under which everything is.
        first: SVG of the first figure, shown until the page can draw its own.
    """
    os.environ["MARIMO_SKIP_UPDATE_CHECK"] = "1"
    marimo = library("marimo")
    notebook = Path(__file__).with_name("app.py")
    # The browser would learn only after the first figure has come that it needs plotly.
    plots = (name for name in _asset_names() if re.fullmatch(r"Plot-[\w-]+\.js", name))
    head = "".join(f'<link rel="modulepreload" href="./assets/{name}">' for name in plots)
    if first:
        head += _FIRST % json.dumps(first).replace("<", "\\u003c")
    built = marimo.create_asgi_app(quiet=True, include_code=False, session_ttl=60, html_head=head)
    return guarded(built.with_app(path="", root=str(notebook)).build(), meta, port, secret)


def warm(meta: dict[str, str]) -> str:
    """Import what is heavy and compute a first page, so that nobody waits for it.

    Args:
        meta: from `source`.

    Returns:
        The first figure as SVG; empty where there is none.
    """
    from . import answers, diagrams, lamps, page, systems

    try:
        chosen = systems.study_of(meta["text"]) if "text" in meta else systems.study(meta["key"])
    except ArgumentError:  # the page will tell
        chosen = systems.study(next(iter(PAPERS)))
    setting = systems.options(chosen)
    values = systems.defaults(chosen, setting)
    over, ranges = page.first_view(chosen, setting)
    answer = answers.computed(chosen, setting, values, over, ranges)
    answers.figure_of(answer)
    lamps.looked(chosen, setting, values)
    diagrams.diagram_html(diagrams.planned(chosen, setting, values), "")
    if answer.view is None or answer.data is None:
        return ""
    return answers.still(answer.data, answer.view.quantity)


def serve(named: str | None = None, port: int | None = None, browser: bool = True) -> None:
    """Serve the explorer until it is stopped.

    Args:
        named: a paper's key, or the name of a TOML file.
        port: where; a free port when None.
        browser: open the page in the browser.

    Raises:
        ArgumentError: for what is neither a paper nor a file, or a port that is taken.
        ImportError: when a library of the explorer is not installed.
    """
    meta, at = source(named), listening(port)
    with contextlib.closing(at):
        uvicorn = library("uvicorn")
        number, secret = at.getsockname()[1], secrets.token_urlsafe()
        app: Any = page(meta, number, secret, warm(meta))
        config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        address = f"http://{HOST}:{number}/{secret}/"
        server = uvicorn.Server(config)
        threading.Thread(target=_announce, args=(server, address, browser), daemon=True).start()
        server.run(sockets=[at])


def _announce(server: Any, address: str, browser: bool) -> None:
    import time
    import webbrowser

    while not server.started:
        time.sleep(0.02)
    print(f"explorer at {address} (stop with Ctrl+C)", flush=True)
    if browser:
        webbrowser.open(address)
