"""The explorer: a published system, or a network from a file, in a local web page.

`systems` says what can be explored, `shown` computes it, `views` and `point` draw it, `export`
writes it down, `app` is the page (a marimo notebook), `server` serves it.
"""
