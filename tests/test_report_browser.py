"""The page in a real browser: nothing missing, nothing complained about, wide and narrow.

Pictures of it are left in $REPORT_PICTURES, if that is set, to be looked at; and axe-core checks it
as well, if $AXE names its axe.min.js.
"""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import chromium
import pytest
from small_results import SETTINGS, VERDICTS, make

from superposition import report
from superposition.claims.rendering import HOLDS

PROGRAM = chromium.find()
if PROGRAM is None:
    pytest.skip(
        "No Chromium here, so nobody looked at the page: apt-get install chromium, or $CHROMIUM.",
        allow_module_level=True,
    )

SIZES = {"desktop": 1280, "tablet": 820, "phone": 390}
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    folder = make(tmp_path_factory.mktemp("results"))
    (folder / "report.html").write_text(report.page(SETTINGS, folder), encoding="utf-8")
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[chromium.Browser]:
    with chromium.browser(tmp_path_factory.mktemp("browser"), PROGRAM) as started:
        yield started


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_opens_without_a_complaint_and_fits_the_screen(
    browser, page, size, dark, tmp_path
):
    browser.open(page, SIZES[size], dark=dark)
    assert browser.complaints == []
    assert set(browser.requests) == {page.as_uri()}
    # Nothing but figures and wide tables, in boxes of their own, is wider than the screen.
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Those far down are loaded as one comes near.
    assert browser.evaluate(
        "Promise.all([...document.images].map(i => (i.loading = 'eager', i.decode())))"
    )
    ratio, where = browser.evaluate(CONTRAST)
    assert ratio >= 4.5, where
    if axe := os.environ.get("AXE"):
        browser.evaluate(Path(axe).read_text(encoding="utf-8") + "; 0")
        rules = "{rules: {'target-size': {enabled: true}}}"
        found = f"axe.run({rules}).then(found => found.violations.map(v => v.id))"
        assert browser.evaluate(found) == []
    ground = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) == dark
    pictures = Path(os.environ.get("REPORT_PICTURES", tmp_path))
    browser.picture(pictures / f"{size}-{'dark' if dark else 'light'}.png")
    assert (pictures / f"{size}-{'dark' if dark else 'light'}.png").stat().st_size > 10_000


def test_every_figure_is_seen_in_its_shape(browser, page):
    browser.open(page)
    browser.evaluate("document.querySelector('#intro .plot img').scrollIntoView()")
    size = "(({width, height}) => [width, height])(document.querySelector('#intro .plot img')"
    width, height = browser.evaluate(f"{size}.getBoundingClientRect())")
    assert width > 600
    assert height == pytest.approx(width * 200 / 489.6, abs=1)


def test_it_can_be_read_with_the_keyboard_alone(browser, page):
    browser.open(page)
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.textContent") == "Skip to the text"
    assert browser.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    browser.press("Enter")
    assert browser.evaluate("document.activeElement.id") == "text"
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.closest('main') !== null")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert browser.evaluate(outline) != "none"
    browser.evaluate("document.querySelector('#intro summary').focus()")
    browser.press("Enter")
    assert browser.evaluate("document.querySelector('#intro details').open")


def test_a_screen_reader_is_told_what_figures_and_verdicts_are(browser, page):
    browser.open(page)
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    told = {(n["role"]["value"], n.get("name", {}).get("value")) for n in nodes if "role" in n}
    assert ("image", "Five features in two dimensions") in told
    assert ("link", "C2 deviates") in told
    assert ("heading", "2 of 7 empirical claims replicate") in told
    nameless = [role for role, name in told if role in ("image", "link", "figure") and not name]
    assert nameless == []
    levels = browser.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_links_to_parts_of_the_page_lead_there_and_unfold_what_is_folded_away(browser, page):
    browser.open(page, SIZES["phone"])
    assert browser.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    browser.evaluate("document.querySelector('.glance a[href=\"#C2\"]').click()")
    wait = "new Promise(done => setTimeout(() => requestAnimationFrame(() => done(1)), 50))"
    browser.evaluate(wait)
    top = browser.evaluate("document.getElementById('C2').getBoundingClientRect().top")
    assert -5 <= top <= 120
    place = "document.getElementById('experiment-intro')"
    assert not browser.evaluate(f"{place}.closest('details').open")
    browser.evaluate("document.querySelector('#intro a[href=\"#experiment-intro\"]').click()")
    assert browser.evaluate(f"{place}.closest('details').open")


SHOWN = """[...document.querySelectorAll(".claim")].filter(claim => claim.checkVisibility())
    .map(claim => claim.id)"""
HOLDING = [verdict.id for verdict in VERDICTS if verdict.outcome in HOLDS]


def test_claims_are_filtered_by_mouse_and_keyboard_and_what_a_link_leads_to_is_shown(browser, page):
    browser.open(page)
    every = browser.evaluate(SHOWN)
    others = [name for name in every if name not in HOLDING]
    browser.evaluate("document.querySelector('label:has(#show-deviates)').click()")
    assert browser.evaluate(SHOWN) == others
    places = "[...document.querySelectorAll('.told')].filter(place => place.checkVisibility())"
    assert browser.evaluate(f"{places}.every(place => place.querySelector('.claim'))")
    browser.evaluate("document.querySelector('#show-deviates').focus()")
    browser.press("ArrowRight")
    assert browser.evaluate(SHOWN) == [name for name in every if name in HOLDING]
    browser.evaluate("document.querySelector('.glance a[href=\"#C2\"]').click()")
    assert browser.evaluate(SHOWN) == [name for name in every if name in [*HOLDING, "C2"]]
    browser.evaluate("document.querySelector('label:has(#show-all)').click()")
    assert browser.evaluate(SHOWN) == every


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_figure_fills_the_screen_until_it_is_closed(browser, page, size):
    browser.open(page, SIZES[size])
    box = "document.querySelector('#intro .plot').getBoundingClientRect()"
    picture = "document.querySelector('#intro img').getBoundingClientRect()"
    small = browser.evaluate(f"{picture}.width")
    browser.evaluate("document.querySelector('#intro .enlarge').focus()")
    browser.press("Enter")
    width, height = browser.evaluate(f"[{box}.width, {box}.height]")
    assert (width, height) == (browser.evaluate("innerWidth"), browser.evaluate("innerHeight"))
    assert browser.evaluate(f"{picture}.width") > 1.2 * small
    browser.evaluate("document.querySelector('#intro .close').click()")
    assert browser.evaluate(f"{picture}.width") == small
    assert browser.complaints == []
