#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""html_page.py FOLDER SCREENSHOTS: drives the pages that html.sh made. Exits with 1 after saying what is wrong."""
import os, statistics, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from chromium import Chromium

folder, shots = sys.argv[1:]
failed = False
browser = Chromium()


def check(what, holds):
    global failed
    if not holds:
        print(f"FAIL: {what}", flush=True)
        failed = True


def box(selector, number=0):
    return browser.js(f"(r => [r.x, r.y, r.width, r.height])(document.querySelectorAll({selector!r})[{number}].getBoundingClientRect())")


def span():
    return browser.js("view.to - view.from")


def open_page(name, scheme="light", size=(1400, 1000)):
    browser.resize(*size)
    browser.scheme(scheme)
    browser.open(f"{folder}/{name}.html")


def is_quiet(name):
    check(f"{name}: on the console: {browser.complaints()}", not browser.complaints())
    check(f"{name}: asked for {browser.requests()}", not browser.requests())


def painted(number=0):
    """How many different colours the chart has: a blank one has one or two."""
    return browser.js(f"""(canvas => new Set(new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size)
        (document.querySelectorAll("canvas")[{number}])""")


def evidence():
    open_page("incident")
    check("the verdict is not shown", "lost-pings" not in browser.js("document.querySelector('.verdict h2').textContent")
          and "watch pings were lost (proven)" in browser.js("document.querySelector('.verdict h2').textContent"))
    count = browser.js("incidents.incidents[0].evidence.length")
    check("not every piece of evidence has its line", count > 5 and browser.js("document.querySelectorAll('.evidence button').length") == count)
    words = browser.js("document.querySelector('.words pre').textContent")
    check("what to do is missing", words.startswith("At 2026-") and "What to do now" in words and "Evidence" not in words)
    bottom = sum(box(".chain")[1::2])
    check("the chain is not in sight when the page opens", 0 < bottom < 1000)
    check("something stands between the verdict and its chain", bottom < min(box(".particulars")[1], box(".words")[1], box(".evidence")[1]))
    check("the chart is blank", painted() > 5)
    for number in (1, count - 1):
        browser.js(f"document.querySelectorAll('.evidence button')[{number}].scrollIntoView()")
        x, y, width, height = box(".evidence button", number)
        browser.click(x + 30, y + height / 2)
        moment = browser.js(f"incidents.incidents[0].evidence[{number}].ts_ns / 1e6")
        check(f"evidence {number + 1}: its moment is not marked", browser.js("sections[0].chart.marked") == moment)
        check(f"evidence {number + 1}: its moment is not in sight", browser.js("view.from") < moment < browser.js("view.to"))
        check(f"evidence {number + 1}: not said", browser.js(f"byId('said').textContent.includes(plain(incidents.incidents[0].evidence[{number}].text))"))
        check(f"evidence {number + 1}: the list does not show it", browser.js("!!document.querySelector('.row.at')"))
        check(f"evidence {number + 1}: it is not the current one", browser.js(f"document.querySelectorAll('.evidence button')[{number}].ariaCurrent") == "true")
    browser.screenshot(f"{shots}/incident-light.png")
    is_quiet("incident")


def keys():
    open_page("incident")
    browser.js("document.querySelector('.lane').focus()")
    whole = span()
    browser.key("+")
    check("+ does not zoom in", span() < whole * 0.7)
    middle = browser.js("(view.from + view.to) / 2")
    browser.key("ArrowRight")
    check("the right arrow does not move", browser.js("(view.from + view.to) / 2") > middle)
    browser.key("ArrowLeft")
    browser.key("-")
    check("- does not zoom out", span() > whole * 0.9)
    browser.key("+")
    browser.key("0")
    check("0 does not show all", abs(span() - whole) < 1)
    browser.key("n")
    first = browser.js("byId('said').textContent")
    check(f"n in the lane of pings says '{first}'", "ping answered" in first)
    for _ in range(20):
        browser.key("n")
    check("the last ping is not a lost or refused one", "ping" in browser.js("byId('said').textContent") and browser.js("byId('said').textContent") != first)
    browser.key("Home")
    check("Home is not the first ping", browser.js("byId('said').textContent") == first)
    lanes = browser.js("document.querySelectorAll('.lanes')[0].querySelectorAll('.lane').length")
    check("lanes are missing", lanes >= 7)
    names = [browser.js("document.activeElement.getAttribute('aria-label')")]
    for _ in range(lanes - 1):
        browser.key("Tab")
        names.append(browser.js("document.activeElement.className === 'lane' && document.activeElement.getAttribute('aria-label')"))
    check(f"Tab does not go from lane to lane: {names}", all(names) and len(set(names)) == lanes)
    check("the focus cannot be seen", browser.js("getComputedStyle(document.activeElement).outlineStyle") == "solid")
    check("a lane's label does not count its events", names[0].startswith("pings: ") and "ping-lost" in names[0])
    browser.screenshot(f"{shots}/incident-keys.png")
    # From the top by Tab alone: every button and every line of evidence can be reached.
    browser.js("document.activeElement.blur(); scrollTo(0, 0)")
    reached = set()
    for _ in range(80):
        browser.key("Tab")
        reached.add(browser.js("document.activeElement.id || document.activeElement.className || document.activeElement.closest('.evidence')?.className || document.activeElement.tagName"))
    check(f"not everything can be reached by Tab: {reached}", {"in", "out", "all", "left", "right", "next", "previous", "lane", "list", "evidence"} <= reached)
    is_quiet("keys")


def mouse():
    open_page("incident")
    x, y, width, height = box(".lanes canvas")
    whole = span()
    browser.mouse("mouseWheel", x + width / 2, y + 60, deltaX=0, deltaY=-240)
    browser.settle()
    check("the wheel does not zoom", span() < whole)
    browser.js("byId('all').click()")
    browser.settle()
    browser.drag(x + width * 0.4, y + 60, x + width * 0.6, y + 60)
    zoomed = span()
    check(f"dragging over a lane does not zoom into it: {zoomed} of {whole}", whole * 0.15 < zoomed < whole * 0.3)
    middle = browser.js("(view.from + view.to) / 2")
    browser.drag(x + width * 0.6, y + 10, x + width * 0.5, y + 10)
    check("dragging the axis does not move", browser.js("(view.from + view.to) / 2") > middle and abs(span() - zoomed) < 1)
    browser.js("byId('all').click()")
    browser.settle()
    at = browser.js("(c => [c.x(c.lanes[0].times[0]), c.lanes[0].top + 10])(sections[0].chart)")
    browser.mouse("mouseMoved", x + at[0], y + at[1])
    browser.settle()
    check("no words beside the mouse", browser.js("getComputedStyle(tip).display") == "block" and "ping answered" in browser.js("tip.textContent"))
    browser.screenshot(f"{shots}/incident-hover.png")
    browser.js("byId('next').click()")
    browser.settle()
    check("next finds nothing", browser.js("sections[0].chart.marked !== null"))
    is_quiet("mouse")


CONTRAST = """(() => {
    const parse = text => text.length < 7 ? [...text.slice(1)].map(c => parseInt(c + c, 16)) : [1, 3, 5].map(i => parseInt(text.slice(i, i + 2), 16));
    const light = text => parse(text).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    return Math.min(...["ink", "dim", "good", "note", "warn", "bad"].map(n => (([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05))([light(colours[n]), light(colours.paper)])));
})()"""


def schemes():
    papers = []
    for scheme in ("light", "dark"):
        open_page("two-vms", scheme, (1400, 1600))
        papers.append(browser.js("getComputedStyle(document.body).backgroundColor"))
        contrast = browser.js(CONTRAST)
        check(f"{scheme}: contrast {contrast:.2f} is less than 4.5", contrast >= 4.5)
        browser.screenshot(f"{shots}/two-vms-{scheme}.png")
        is_quiet(scheme)
    check("light and dark look alike", papers[0] != papers[1])
    browser.scheme("light")
    browser.settle()
    check("a change of scheme while the page is open does not reach the charts", browser.js("colours.paper") == "#fff")
    open_page("healthy", "dark")
    check("a healthy VM has a verdict", "No incident" in browser.js("document.querySelector('.verdict h2').textContent"))
    browser.screenshot(f"{shots}/healthy-dark.png")


def several():
    open_page("several", "light")
    check("five verdicts have no list in front", browser.js("document.querySelectorAll('.all button').length") == 5
          and box(".all")[1] < box("article")[1])
    check("the list does not name the last", "10.0.0.5:0/7: fenced" in browser.js("[...document.querySelectorAll('.all button')].at(-1).textContent"))
    x, y, width, height = box(".all button", 3)
    browser.click(x + 30, y + height / 2)
    browser.settle()
    check("a press does not lead to its verdict", 0 <= box("article", 3)[1] < 500)
    check("a list without a time is of 1970", "no event with a time" in browser.js("byId('summary').textContent") and not browser.js("byId('range').textContent"))
    open_page("incident")
    check("one verdict has a list in front", browser.js("document.querySelectorAll('.all').length") == 0)
    is_quiet("several")


def narrow():
    for width in (360, 800):
        open_page("incident", "dark", (width, 2400))
        check(f"{width} wide: the page is {browser.js('document.documentElement.scrollWidth')} wide", browser.js("document.documentElement.scrollWidth") <= width)
        browser.js("document.querySelector('canvas').scrollIntoView()") # charts are painted once they are on the screen
        browser.settle()
        check(f"{width} wide: the chart is blank", painted() > 5)
        browser.screenshot(f"{shots}/incident-{width}.png", whole=True)


def hostile():
    open_page("hostile", "light", (1400, 1500))
    check("a name ran as code", browser.js("typeof window.hacked") == "undefined")
    check("a name became an element", browser.js("document.querySelectorAll('img, iframe, object, embed, a, form, base').length") == 0
          and browser.js("document.scripts.length") == 2)
    check("the name is not shown as it is", "</script><script>window.hacked=1</script><img src=x" in browser.js("document.querySelector('.verdict h2').textContent"))
    check("a control or bidi character reaches the page", browser.js(r"!/[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069]/.test(document.querySelector('main').textContent.replace(/[\n\t]/g, ''))"))
    check("the name is in the title as it is", browser.js("document.title.includes('window.hacked=1')"))
    # Everywhere a name is put together with something: lists, tips, spans.
    browser.js("for (const section of sections) for (let i = 0; i < section.events.length; i++) section.pick(i)", timeout=120)
    check("a name ran as code later", browser.js("typeof window.hacked") == "undefined")
    browser.screenshot(f"{shots}/hostile.png")
    is_quiet("hostile")


def untimed():
    """QEMU's lines without a stamp."""
    open_page("untimed", "dark")
    check("an event without a time moves the beginning to 1970", browser.js("view.first") > 1.7e12 and browser.js("view.from") > 1.7e12)
    check("it is not said how many have no time", "without a time" in browser.js("document.querySelector('#timelines').textContent"))
    number = browser.js("incidents.incidents[0].evidence.findIndex(e => e.ts_ns === 0)")
    if number >= 0:
        before = browser.js("view.from")
        browser.js(f"document.querySelectorAll('.evidence button')[{number}].click()")
        browser.settle()
        check("evidence without a time moves the view", browser.js("view.from") == before and "no time" in browser.js("byId('said').textContent"))
    browser.screenshot(f"{shots}/untimed.png")
    is_quiet("untimed")


FRAMES = """(async () => {
    const section = sections[0], canvas = section.canvas, x = canvas.clientWidth / 2, frames = [], paints = [];
    const paint = section.chart.paint;
    section.chart.paint = function () { const begin = performance.now(); paint.call(this); paints.push(performance.now() - begin); };
    const frame = () => new Promise(done => requestAnimationFrame(done));
    const wheel = (deltaY, shiftKey = false) => canvas.dispatchEvent(new WheelEvent("wheel", { deltaY, shiftKey, clientX: canvas.getBoundingClientRect().x + x, clientY: canvas.getBoundingClientRect().y + 60, bubbles: true, cancelable: true }));
    const list = section.list.node, most = list.scrollHeight;
    let last = await frame();
    for (let i = 0; i < 240; i++) {
        if (i < 60) wheel(-100);
        else if (i < 120) wheel(40, true);
        else if (i < 180) wheel(100);
        else list.scrollTop = most * (i - 180) / 60;
        const now = await frame();
        frames.push(now - last);
        last = now;
    }
    section.chart.paint = paint;
    return { frames, paints, events: section.events.length };
})()"""


def many():
    open_page("many", "light")
    events = browser.js("sections[0].events.length")
    check(f"{events} events, not 100,000", events >= 100000)
    check("the chart is blank", painted() > 5)
    browser.screenshot(f"{shots}/many.png")
    runs = [browser.js(FRAMES, timeout=120) for _ in range(2)]
    for run in runs:
        frames, paints = run["frames"], run["paints"]
        print(f"{events} events: frames {statistics.median(frames):.1f} ms median, {max(frames):.1f} ms worst of {len(frames)}; "
              f"painting {statistics.median(paints):.1f} ms median, {max(paints):.1f} ms worst")
    best = min(statistics.median(run["frames"]) for run in runs)
    check(f"a frame takes {best:.0f} ms", best < 100)  # a loaded machine is no reason to fail, a page that stands still is
    browser.key("0")
    check("the list holds more than what is in sight", browser.js("document.querySelectorAll('.row').length") < 100)
    is_quiet("many")


try:
    for test in (evidence, keys, mouse, schemes, several, narrow, hostile, untimed, many):
        test()
finally:
    browser.close()
print(f"screenshots in {shots}")
sys.exit(1 if failed else 0)
