#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""panels.py URL BEGIN END DASHBOARD: asks that Prometheus each panel's queries between the two times, and draws what it answers, a panel
beside the other, as one page of HTML on stdout. What has no answer at all is told on stderr, one line each; an error of Prometheus ends it."""
import html, json, sys, urllib.parse, urllib.request

url, begin, end = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
panels = [panel for panel in json.load(open(sys.argv[4]))["panels"] if panel.get("targets")]
WIDTH, HEIGHT, COLOURS = 520, 150, ["#3274d9", "#e02f44", "#37872d", "#ff9830", "#8f3bb8", "#00a3a3", "#a16a00", "#777"]


def ask(expr):
    words = urllib.parse.urlencode({"query": expr, "start": begin, "end": end, "step": 5})
    with urllib.request.urlopen(f"{url}/api/v1/query_range?{words}") as answer:
        return json.load(answer)["data"]["result"]


def name(metric):
    known = [metric[label] for label in ("vm", "osd", "kind", "source", "process", "instance") if metric.get(label)]
    return " ".join(known) or metric.get("__name__", "value")


def line(points, low, high, colour):
    at = lambda t, v: f"{(t - begin) / (end - begin) * WIDTH:.1f},{HEIGHT - (v - low) / ((high - low) or 1) * (HEIGHT - 8) - 4:.1f}"
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{" ".join(at(t, v) for t, v in points)}"/>'


def drawn(panel):
    series = [one for target in panel["targets"] for one in ask(target["expr"])]
    points = [[(float(t), float(v)) for t, v in one["values"] if v not in ("NaN", "+Inf", "-Inf")] for one in series]
    values = [v for one in points for _, v in one]
    title = html.escape(panel["title"])
    if not values:
        print(f"no answer: {panel['title']}", file=sys.stderr)
        return f"<figure><figcaption>{title}: nothing</figcaption><svg width={WIDTH} height={HEIGHT}></svg></figure>"
    low, high = min(0, min(values)), max(values)
    lines = "".join(line(one, low, high, COLOURS[i % len(COLOURS)]) for i, one in enumerate(points) if one)
    legend = ", ".join(f'<span style="color:{COLOURS[i % len(COLOURS)]}">{html.escape(name(one["metric"]))}</span>' for i, one in enumerate(series[:8]))
    return f"<figure><figcaption>{title} ({low:.4g} to {high:.4g})</figcaption><svg width={WIDTH} height={HEIGHT}>{lines}</svg><br>{legend}</figure>"


pictures = [drawn(panel) for panel in panels]
print("<!DOCTYPE html><meta charset=utf-8><style>body{font:13px sans-serif}figure{display:inline-block;margin:6px;vertical-align:top;width:%dpx}"
      "svg{background:#f4f5f5;border:1px solid #ccc}figcaption{font-weight:bold}</style>" % WIDTH, *pictures, sep="\n")
