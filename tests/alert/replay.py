#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""replay.py URL BEGIN END RULES: what that Prometheus scraped of fenceline between the two times, told again and again for an hour, as a
test for promtool in which no alert may fire. Counters and timestamps go on where the last round ended."""
import json, sys, urllib.parse, urllib.request

url, begin, end, rules = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
STEP, HOUR = 5, 3600


def ask(query, path="query_range", **more):
    words = urllib.parse.urlencode({"query": query, **more})
    return json.load(urllib.request.urlopen(f"{url}/api/v1/{path}?{words}"))["data"]["result"]


def series_name(metric):
    labels = ",".join(f"{name}={json.dumps(value)}" for name, value in sorted(metric.items()) if name != "__name__")
    return f"{metric['__name__']}{{{labels}}}"


# A series may begin late or have a hole; what is missing is missing in the replay, too.
def samples(series):
    by_time = {int(at): float(value) for at, value in series["values"]}
    return [by_time.get(at) for at in range(begin, end, STEP)]


def goes_on(name):
    return name.endswith(("_total", "_bucket", "_count", "_sum"))


def replayed(series):
    name, once = series["metric"]["__name__"], samples(series)
    known = [value for value in once if value is not None]
    # promtool's clock starts at 0, so timestamps are told from there.
    start = begin if name.endswith("_timestamp_seconds") or name.endswith("_start_time_seconds") else 0
    step = STEP * len(once) if name.endswith("_timestamp_seconds") else known[-1] - known[0] if goes_on(name) else 0
    values = []
    for round_ in range(-(-HOUR // (STEP * len(once)))):
        values += ["_" if value is None else repr(value - start + round_ * step) for value in once]
    return " ".join(values[: HOUR // STEP])


found = [one for one in ask('{__name__=~"fenceline_.*|up"}', start=begin, end=end - STEP, step=STEP)]
alerts = [rule["name"] for group in json.load(urllib.request.urlopen(f"{url}/api/v1/rules"))["data"]["groups"] for rule in group["rules"]]
assert len(found) > 50 and len(alerts) >= 7, (len(found), alerts)
tests = [{
    "interval": f"{STEP}s",
    "input_series": [{"series": series_name(one["metric"]), "values": replayed(one)} for one in found],
    "alert_rule_test": [{"eval_time": f"{at}s", "alertname": name, "exp_alerts": []} for name in alerts for at in range(60, HOUR, 2 * STEP)],
}]
json.dump({"rule_files": [rules], "evaluation_interval": f"{STEP}s", "tests": tests}, sys.stdout)
