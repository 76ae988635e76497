"""The explorer's page: a marimo notebook that wires the library's functions together.

Cells with a name are places of the page (`app.css` arranges them by it); the others compute.
"""

import marimo

app = marimo.App(width="full", app_title="qcascade", css_file="app.css")


@app.cell
def _():
    import marimo as mo

    from qcascade.base.checks import ArgumentError
    from qcascade.explore import (
        answers,
        diagrams,
        films,
        lamps,
        limits,
        page,
        sliding,
        systems,
        visits,
        wishes,
    )

    return (
        ArgumentError,
        answers,
        diagrams,
        films,
        lamps,
        limits,
        mo,
        page,
        sliding,
        systems,
        visits,
        wishes,
    )


@app.cell
def _(mo, page):
    # `latest` holds what downloads need, `moved` what sliders were last set to by hand, `drawn`
    # the diagram that is shown, `searched` what a search said, `made` how often sliders were made:
    # plain boxes on purpose, since none may make a cell run again.
    start = page.beginning(mo.app_meta().request)
    latest, moved, drawn, searched, made = {}, {}, {}, {}, {}
    get_drawn, set_drawn = mo.state((None, ""))
    get_text, set_text = mo.state(start.text)
    get_jump, set_jump = mo.state(0)
    return (
        drawn,
        get_drawn,
        get_jump,
        get_text,
        latest,
        made,
        moved,
        searched,
        set_drawn,
        set_jump,
        set_text,
        start,
    )


@app.cell
def _(mo, page, start):
    pick = mo.ui.dropdown(
        page.systems_offered(), value=start.label, label="system", full_width=True
    )
    return (pick,)


@app.cell
def _(mo, page, set_text):
    upload = mo.ui.file(
        filetypes=[".toml"],
        label="open a file",
        max_size=1_000_000,
        on_change=lambda files: set_text(page.decoded(files)),
    )
    return (upload,)


@app.cell
def _(get_text, mo):
    text = mo.ui.text_area(
        get_text(), rows=14, debounce=400, full_width=True, label="network (TOML)"
    )
    return (text,)


@app.cell
def _(ArgumentError, pick, systems, text):
    try:
        chosen = (
            systems.study_of(text.value)
            if pick.value == systems.FILE
            else systems.study(pick.value)
        )
        refusal = ""
    except ArgumentError as _error:
        chosen, refusal = None, str(_error)
    return chosen, refusal


@app.cell
def _(chosen, mo, page):
    choices = mo.ui.dictionary(page.choice_controls(mo, chosen))
    return (choices,)


@app.cell
def _(choices, chosen, get_jump, made, mo, moved, sliding):
    get_jump()
    made["sliders"] = made.get("sliders", 0) + 1
    sliders = mo.ui.dictionary(sliding.sliders(mo, chosen, choices.value, moved))
    return (sliders,)


@app.cell
def _(choices, chosen, mo, page):
    over = mo.ui.dictionary(page.view_controls(mo, chosen, choices.value))
    return (over,)


@app.cell
def _(choices, chosen, mo, over, page):
    ranges = mo.ui.dictionary(page.range_controls(mo, chosen, choices.value, over.value))
    return (ranges,)


@app.cell
def _(mo, moved, set_jump):
    def _reset(_):
        moved.clear()
        set_jump(lambda count: count + 1)

    reset = mo.ui.button(label="reset sliders", on_click=_reset)
    return (reset,)


@app.cell
def _(answers, choices, chosen, latest, moved, over, ranges, sliders):
    answers.remember(chosen, choices.value, sliders.value, moved)
    answer = answers.computed(chosen, choices.value, sliders.value, over.value, ranges.value)
    latest.update(view=answer.view, data=answer.data)
    return (answer,)


@app.cell
def centre(answers, answer, mo, moved, set_jump):
    def _clicked(selection):
        if answers.jumped(answer.view, selection, moved):
            set_jump(lambda count: count + 1)

    plot = answers.plot(mo, answer, _clicked)  # a name keeps it alive, and so its clicks
    mo.vstack(answers.centre(mo, answer, plot), gap=0.25)
    return (plot,)


@app.cell
def lights(choices, chosen, lamps, mo, sliders):
    point, _ = lamps.looked(chosen, choices.value, sliders.value)
    mo.Html(lamps.lights(chosen, choices.value, point))
    return (point,)


@app.cell
def film(choices, chosen, films, mo, over, sliders):
    _made = films.film(chosen, choices.value, sliders.value, over.value.get("quantity"))
    screen = films.plot(mo, _made)  # a name keeps it alive
    mo.vstack([screen] if screen is not None else [])
    return (screen,)


@app.cell
def _(choices, chosen, diagrams, drawn, set_drawn, sliders):
    # The diagram is sent again when it changes, not whenever a slider moves.
    _drawn = (
        diagrams.planned(chosen, choices.value, sliders.value),
        chosen.system.note if chosen else "",
    )
    if drawn.get("now") != _drawn:
        drawn["now"] = _drawn
        set_drawn(_drawn)
    return


@app.cell
def diagram(diagrams, get_drawn, mo):
    mo.Html(diagrams.diagram_html(*get_drawn()))
    return


@app.cell
def _(choices, chosen, limits, mo, wishes):
    wish = mo.ui.dictionary(wishes.controls(mo, chosen, choices.value))
    parts = limits.entered(chosen, choices.value)
    return parts, wish


@app.cell
def _(mo):
    improve = mo.ui.button(value=0, label="improve", on_click=lambda count: count + 1)
    return (improve,)


@app.cell
def limiting(choices, chosen, mo, parts, sliders, wish, wishes):
    _limits = wishes.limiting(chosen, choices.value, sliders.value, wish.value)
    bars = wishes.plot(mo, _limits)  # a name keeps it alive
    mo.vstack(wishes.panel(mo, wish, bars, _limits, parts), gap=0.25)
    return (bars,)


@app.cell
def search(improve, mo, wish, wishes):
    mo.vstack(wishes.search(mo, wish, improve), gap=0.25)
    return


@app.cell
def improved(
    choices, chosen, improve, mo, moved, searched, set_jump, sliders, visits, wish, wishes
):
    _asked = (improve.value, chosen.key if chosen else "", wish.value.get("goal"))
    if improve.value > searched.get("count", 0) and wish.value:
        searched["count"] = improve.value
        with mo.status.spinner("searching", remove_on_exit=True) as _spinner:
            searched["told"] = wishes.improved(
                chosen,
                choices.value,
                sliders.value,
                wish.value,
                moved,
                visits.watched(
                    mo.app_meta().request, lambda words: _spinner.update(subtitle=words)
                ),
            )
        searched["of"] = _asked
        set_jump(lambda count: count + 1)
    mo.Html(searched["told"] if searched.get("of") == _asked else "")
    return


@app.cell
def header(mo, page):
    mo.Html(page.HEADER)
    return


@app.cell
def left(
    choices,
    made,
    mo,
    over,
    page,
    pick,
    ranges,
    refusal,
    reset,
    sliders,
    sliding,
    systems,
    text,
    upload,
):
    _file = (text, upload) if pick.value == systems.FILE else ()
    _fresh = sliding.fresh(mo, sliders.elements.values(), made["sliders"])
    mo.vstack(page.left(mo, pick, _file, refusal, choices, _fresh, over, ranges, reset), gap=0.6)
    return


@app.cell
def files(answers, latest, mo, over):
    buttons = answers.downloads(mo, latest) if over.value else []  # a name keeps them alive
    mo.hstack(buttons, justify="start", gap=0.5, wrap=True)
    return (buttons,)


@app.cell
def _(choices, chosen, mo, page):
    mode = page.mode_control(mo, chosen, choices.value)
    return (mode,)


@app.cell
def modes(mo, mode, page):
    mo.hstack(page.mode_row(mo, mode), widths="equal", gap=1.5, align="center")
    return


@app.cell
def portrait(lamps, mo, mode, point):
    portraits = lamps.below(mo, point, mode.value)  # a name keeps them alive
    mo.hstack(portraits, widths="equal", gap=1.5)
    return (portraits,)


if __name__ == "__main__":
    app.run()
