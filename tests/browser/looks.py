"""How a page is looked at: by axe with every rule it knows, by its width, and kept as a picture."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PICTURES = Path(__file__).resolve().parents[2] / "artifacts" / "screenshots"
"""Kept after the run, for whoever wants to see what was tested."""

WIDTHS = (1280, 390)
NARROWEST = 320
"""No page scrolls sideways before it is narrower than this (WCAG 2.2, 1.4.10)."""

AXE_WIDTHS = {"en": 1280, "ru": 390}

AXE = Axe().axe_script

RUN = """async () => {
  // Rules for AAA and the experimental ones are off unless they are named.
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
  rules["hidden-content"].enabled = false; // Finds nothing: it lists what is hidden, for somebody to look behind it.
  rules["audio-caption"].enabled = false; // Asks for captions of every sound, and axe has given it up: a melody has no words.
  rules["color-contrast"].enabled = false; // Takes half of the time and asks for less than color-contrast-enhanced,
  const contrastRatio = { normal: { expected: 7 }, large: { expected: 4.5 } }; // which has no lower end here,
  const options = { // and measures signs like arrows as well, which it would leave undecided.
    contrastRatio, ignoreUnicode: false, ignoreLength: true, ignorePseudo: false, boldValue: 700, boldTextPt: 14,
    largeTextPt: 18, pseudoSizeThreshold: .25, shadowOutlineEmMax: .1, textStrokeEmMin: .03,
  };
  const checks = { "color-contrast-enhanced": { options } };
  const { violations, incomplete } = await axe.run({ rules, checks, resultTypes: ["violations", "incomplete"] });
  return [...violations, ...incomplete].flatMap(({ id, impact, nodes }) => nodes.map(
    (node) => `${id} (${impact}): ${node.target} ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""

TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > width + 1
    && !each.closest(".visually-hidden, .ts-hidden-accessible"));
  return document.documentElement.scrollWidth > width ? wide.map((each) => each.outerHTML.slice(0, 120)) : [];
}"""


OVERPRINTED = """() => {
  const shown = [...document.querySelectorAll(".brand, .top-link, .tabs a")].filter((each) => each.checkVisibility());
  const printed = shown.map((each) => {
    const words = document.createRange();
    words.selectNodeContents(each); // They may stand out of their box; a name that is cut off doesn't.
    return [each.innerText, (each.matches("summary") ? each : words).getBoundingClientRect()];
  });
  return printed.flatMap(([text, a], place) => printed.slice(place + 1).filter(([, b]) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).map(([other]) => `${text} / ${other}`));
}"""


def findings(page: Page) -> list[str]:
    """Return what axe finds, of any level, and what it can't decide."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return list(page.evaluate(RUN))


def too_wide(page: Page) -> list[str]:
    """Return what makes the page scroll sideways; what scrolls inside of a frame of its own may."""
    return list(page.evaluate(TOO_WIDE))


def overprinted(page: Page) -> list[str]:
    """Return which words in the head of a page are printed over each other."""
    return list(page.evaluate(OVERPRINTED))


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def look(page: Page, name: str, language: str) -> None:
    """Look at a page, wide and narrow: nothing of any level is found, nothing is too wide or overprinted; the pictures are kept.

    Axe takes most of the time: it looks at the wide page in English and at the narrow one in Russian, whose words are longer.
    """
    expect(page.locator("html")).to_have_attribute("lang", language)
    found = []
    for width in (*WIDTHS, NARROWEST):
        page.set_viewport_size({"width": width, "height": 800})
        if width in WIDTHS:
            keep(page, f"{name}-{language}-{width}")
        if width == AXE_WIDTHS[language]:
            found += [f"{width}: {each}" for each in findings(page)]
        found += [f"{width}: too wide: {each}" for each in too_wide(page)]
        found += [f"{width}: overprinted: {each}" for each in overprinted(page)]
    assert not found, "\n".join(found)
