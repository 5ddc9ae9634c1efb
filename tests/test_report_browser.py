"""The report's page in a browser: what its buttons do, what it never asks of a network, and how it fits a small screen."""

from __future__ import annotations

import base64
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from ganatomy.report import page
from report_runs import answered, runs, study_of

__all__ = ["runs"]

Driver = webdriver.Chrome

LARGE = '.frame[aria-pressed="true"]'


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    service = shutil.which("chromedriver")
    if browser is None or service is None:
        pytest.skip("needs chromium and chromedriver")
    options = Options()
    options.binary_location = browser
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en", "--window-size=1300,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(service)) as found:
        yield found


@pytest.fixture(scope="module")
def path(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("page") / "report.html"
    page.save(study_of(runs), found, [answered(), answered("q5-speed")])
    return found


@pytest.fixture
def shown(driver: Driver, path: Path) -> Iterator[Driver]:
    """The page, freshly opened, wide and light, with its first charts drawn."""
    driver.get_log("browser")
    driver.get_log("performance")
    resize(driver, 1300)
    emulate(driver, "light")
    driver.get(path.as_uri())
    driver.execute_script("localStorage.clear()")
    driver.refresh()
    # Charts are drawn when they come near.
    driver.execute_script("document.getElementById('curves').scrollIntoView({behavior: 'instant'})")
    until(lambda: driver.execute_script("return document.querySelector('#curves-b0-a0 .main-svg') !== null"))
    yield driver
    assert [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def until(holds: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait for a value that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def resize(driver: Driver, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def emulate(driver: Driver, theme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": theme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def button(driver: Driver, kind: str, value: str, within: str = "main") -> WebElement:
    """A button that picks or toggles."""
    return driver.find_element(By.CSS_SELECTOR, f'{within} [data-{kind}][data-value="{value}"]')


def press(driver: Driver, element: WebElement) -> None:
    """As one does with the keyboard, which scrolls there too."""
    driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
    element.send_keys(Keys.ENTER)


def pressed(element: WebElement) -> bool:
    return element.get_attribute("aria-pressed") == "true"


def lines(driver: Driver, chart: str, **meta: object) -> list[dict[str, Any]]:
    """The traces of a chart with that `meta`."""
    found = driver.execute_script(
        "return document.getElementById(arguments[0]).data.map(({meta, visible, x, y}) => ({meta, visible, x, y}))",
        chart,
    )
    return [line for line in found if line["meta"] and meta.items() <= line["meta"].items()]


def axis_title(driver: Driver, chart: str = "curves-b0-a0") -> str:
    title = driver.execute_script("return document.querySelector(`#${arguments[0]} .xtitle`).textContent", chart)
    return str(title)


def visible(driver: Driver, selector: str) -> list[WebElement]:
    return [element for element in driver.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]


def test_it_asks_nothing_of_any_network(shown: Driver) -> None:
    shown.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    until(lambda: shown.execute_script("return document.querySelector('.dots .main-svg') !== null"))
    entries = shown.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in entries if not name.startswith("data:")] == []
    asked = [json.loads(entry["message"])["message"] for entry in shown.get_log("performance")]
    urls = [e["params"]["request"]["url"] for e in asked if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in urls if not url.startswith(("file:", "data:", "blob:"))] == []


def test_plotly_finds_no_fault_in_any_chart(shown: Driver) -> None:
    # On paper all are drawn.
    shown.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    faults = shown.execute_script(
        """
        const found = {count: document.querySelectorAll(".js-plotly-plot").length};
        for (const chart of document.querySelectorAll(".js-plotly-plot")) {
          const faults = Plotly.validate(chart.data, chart.layout) || [];
          if (faults.length) found[chart.id] = faults.map((fault) => fault.msg);
        }
        return found;
        """
    )
    assert faults == {"count": len(visible(shown, ".chart"))}


def test_the_slider_moves_all_systems_by_the_keyboard(shown: Driver) -> None:
    slider = shown.find_element(By.ID, "part")
    shown.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", slider)

    def parts() -> list[str | None]:
        return [frame.get_attribute("data-part") for frame in visible(shown, LARGE)]

    assert parts() == ["4", "4", "4"]
    before = [image.get_attribute("src") for image in visible(shown, f"{LARGE} img")]
    slider.send_keys(Keys.ARROW_LEFT)
    assert parts() == ["3", "3", "3"]
    assert shown.find_element(By.ID, "part-shown").text == "75 %"
    assert slider.get_attribute("aria-valuetext") == "75 %"
    after = [image.get_attribute("src") for image in visible(shown, f"{LARGE} img")]
    assert all(one != other for one, other in zip(before, after, strict=True))
    slider.send_keys(Keys.HOME)
    assert parts() == ["0", "0", "0"]


def test_a_click_on_a_small_picture_makes_it_the_large_one_of_all_systems(shown: Driver) -> None:
    first = visible(shown, '.frame[data-part="1"]')[0]
    assert first.size["width"] < visible(shown, LARGE)[0].size["width"] / 3
    press(shown, first)
    assert [frame.get_attribute("data-part") for frame in visible(shown, LARGE)] == ["1", "1", "1"]
    assert shown.find_element(By.ID, "part-shown").text == "25 %"
    assert len(visible(shown, ".frame")) == 15  # the others stay in sight


def test_play_moves_the_slider_and_pause_stops_it(shown: Driver) -> None:
    play, output = shown.find_element(By.ID, "play"), shown.find_element(By.ID, "part-shown")
    press(shown, play)
    until(lambda: output.text == "25 %")
    assert "Pause" in play.text
    press(shown, play)
    assert not pressed(play)


def test_the_seed_of_the_images_can_be_picked(shown: Driver) -> None:
    before = [image.get_attribute("src") for image in visible(shown, f"{LARGE} img")]
    press(shown, button(shown, "pick", "1", "#glance"))
    after = [image.get_attribute("src") for image in visible(shown, f"{LARGE} img")]
    assert len(after) == len(before) == 3
    assert not set(before) & set(after)


def test_the_language_switches_every_text_and_is_remembered(shown: Driver) -> None:
    language = shown.find_element(By.ID, "language")
    heading = shown.find_element(By.ID, "curves-title")
    assert "Loss curves" in heading.text
    assert axis_title(shown) == "updates of the generator"
    press(shown, language)
    assert "损失曲线" in heading.text
    assert shown.execute_script("return document.documentElement.lang") == "zh-CN"
    assert shown.title == "一个小研究"
    until(lambda: axis_title(shown) == "生成器更新次数")
    assert shown.find_element(By.CSS_SELECTOR, ".frame img").get_attribute("alt").startswith("gan 的样本")  # type: ignore[union-attr]
    assert shown.find_element(By.ID, "theme").get_attribute("aria-label") == "浅色或深色"
    # Nothing English is left beside names, settings and what the programs wrote.
    left = shown.execute_script(
        "return [...document.querySelectorAll('main span[lang=en]')].filter((e) => e.offsetParent).length"
    )
    assert left == 0
    shown.refresh()
    assert "损失曲线" in shown.find_element(By.ID, "curves-title").text


def test_dark_and_light_by_the_button_and_by_the_systems_wish(shown: Driver, path: Path) -> None:
    def background() -> str:
        return str(shown.execute_script("return getComputedStyle(document.body).backgroundColor"))

    def line_colour() -> str:
        return str(shown.execute_script("return document.getElementById('curves-b0-a0').data.at(-1).line.color"))

    light, black = background(), line_colour()
    press(shown, shown.find_element(By.ID, "theme"))
    assert background() != light
    assert line_colour() != black
    shown.refresh()
    assert background() != light
    shown.execute_script("localStorage.clear()")
    emulate(shown, "dark")
    shown.get(path.as_uri())
    assert shown.execute_script("return document.documentElement.dataset.theme") == "dark"


def test_the_budget_changes_charts_images_and_scores(shown: Driver) -> None:
    assert len(visible(shown, "#curves .panel")) == 1
    press(shown, button(shown, "pick", "b1", ".top"))
    for section in ("glance", "curves", "scores", "statistics"):
        shown_panels = visible(shown, f"#{section} .panel")
        assert {panel.get_attribute("data-budget") for panel in shown_panels} == {"b1"}, section
    until(lambda: shown.execute_script("return document.querySelector('#curves-b1-a0 .main-svg') !== null"))
    assert "failed" in shown.find_element(By.CSS_SELECTOR, "#curves .panel:not([hidden])").text


def test_the_horizontal_axis_can_be_seconds_or_images(shown: Driver) -> None:
    assert lines(shown, "curves-b0-a0", line="generator", seed="0")[0]["x"] == list(range(1, 9))
    press(shown, button(shown, "pick", "images"))
    assert lines(shown, "curves-b0-a0", line="generator", seed="0")[0]["x"][:2] == [8, 16]
    assert axis_title(shown) == "real images shown"
    press(shown, button(shown, "pick", "seconds"))
    assert axis_title(shown) == "seconds of training"


def test_lines_seeds_bands_and_systems_can_be_switched_off_and_on(shown: Driver) -> None:
    assert all(line["visible"] for line in lines(shown, "curves-b0-a0"))
    generator = button(shown, "toggle", "generator")
    press(shown, generator)
    assert not pressed(generator)
    assert not any(line["visible"] for line in lines(shown, "curves-b0-a0", line="generator"))
    assert all(line["visible"] for line in lines(shown, "curves-b0-a0", line="discriminator"))
    press(shown, generator)
    press(shown, button(shown, "toggle", "1"))
    assert not any(line["visible"] for line in lines(shown, "curves-b0-a0", seed="1"))
    assert all(line["visible"] for line in lines(shown, "curves-b0-a0", seed="0"))
    press(shown, button(shown, "toggle", "band"))
    assert not any(line["visible"] for line in lines(shown, "curves-b0-a0", band=True))
    press(shown, button(shown, "toggle", "a2"))
    assert len(visible(shown, "#curves article")) == 2
    assert len(visible(shown, "#glance figure")) == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_is_wider_than_a_small_screen(shown: Driver, language: str) -> None:
    if language == "zh":
        press(shown, shown.find_element(By.ID, "language"))
    resize(shown, 420)
    shown.execute_script("for (const details of document.querySelectorAll('details')) details.open = true")
    until(lambda: shown.execute_script("return document.querySelector('#curves-b0-a0 .main-svg').clientWidth < 420"))
    width, inner = shown.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert inner == 420
    assert width <= 420


def test_it_can_be_used_with_the_keyboard_alone(shown: Driver) -> None:
    shown.refresh()  # as freshly opened: Tab goes on from what the fixture scrolled to
    shown.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    skip = shown.switch_to.active_element
    assert skip.text == "Skip to the report"
    skip.send_keys(Keys.ENTER)
    assert shown.execute_script("return document.activeElement.id") == "report"
    unnamed = shown.execute_script(
        "return [...document.querySelectorAll('button, input, [role=region], [role=group], nav')]"
        ".filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map((e) => e.outerHTML)"
    )
    assert unnamed == []
    shown.execute_script("document.getElementById('language').focus()")
    shown.find_element(By.ID, "language").send_keys(Keys.TAB)
    outline = shown.execute_script("return getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_on_paper_everything_is_there(shown: Driver) -> None:
    open_ones = "return [...document.querySelectorAll('details')].map((details) => details.open)"
    before = shown.execute_script(open_ones)
    printed = base64.b64decode(shown.print_page())
    assert printed.startswith(b"%PDF")
    # What the page does before printing stays until after it.
    shown.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert shown.execute_script("return [...document.querySelectorAll('details')].every((details) => details.open)")
    assert shown.execute_script(
        "return [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('.main-svg'))"
    )
    shown.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert shown.execute_script(open_ones) == before
    assert len(visible(shown, "#curves .panel")) == 1


def test_where_the_browser_cannot_unpack_the_charts_say_so(driver: Driver, path: Path, tmp_path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    # An old browser, in the words of the page's own policy.
    old = tmp_path / "old.html"
    old.write_text(re.sub(r'(<script type="text/plain" id="plotly">)[^<]*', r"\1AAAA", html), encoding="utf-8")
    driver.get(old.as_uri())
    until(lambda: "This chart cannot be drawn" in driver.find_element(By.ID, "curves-b0-a0").text)
    assert "DCGAN" in driver.find_element(By.ID, "scores").text
    driver.get_log("browser")
