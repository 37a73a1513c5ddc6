# SPDX-License-Identifier: MIT
"""validate.py SCHEMAS WORK CASE...: each case's outputs against their JSON Schemas, and its Perfetto trace by the rules of
Perfetto's importer. Prints "CASE what is wrong" for each case that breaks one."""
import collections, json, pathlib, sys
import jsonschema

schemas, work, *names = sys.argv[1:]


def validator(schema):
    """A schema may refer to another one beside it."""
    schema = json.load(open(f"{schemas}/{schema}.json"))
    base = pathlib.Path(schemas).resolve().as_uri() + "/"
    return jsonschema.Draft7Validator(schema, resolver=jsonschema.RefResolver(base, schema))


def best(checker, document):
    error = jsonschema.exceptions.best_match(checker.iter_errors(document))
    if error:
        raise ValueError(f"{'/'.join(map(str, error.absolute_path))}: {error.message}")


def check(holds, what):
    if not holds:
        raise ValueError(f"perfetto: {what}")


def check_perfetto(trace, lines):
    """Reads the trace as src/trace_processor/importers/json does: processes and threads by id, marks and slices into their
    tracks, counters by name; and compares what came out of it with the NDJSON of the same inputs."""
    events, base = trace["traceEvents"], trace["otherData"]["base_ns"]
    processes, threads, marks, opened = {}, {}, collections.Counter(), {}
    last = collections.defaultdict(float)
    for event in events:
        if event["ph"] == "M" and event["name"] == "process_name":
            check(event["pid"] not in processes, f"process {event['pid']} has two names")
            processes[event["pid"]] = event["args"]["name"]
        elif event["ph"] == "M" and event["name"] == "thread_name":
            threads[event["tid"]] = event["pid"]
    check(not set(processes) & set(threads), "a thread has the id of a process")
    for event in events:
        check(event["pid"] in processes, f"process {event['pid']} has no name")
        if event["ph"] == "i":
            check(threads.get(event["tid"]) == event["pid"], f"thread {event['tid']} has no name, or another process")
            check(round(event["ts"] * 1000) + base == event["args"]["ts_ns"], f"{event['name']} is at another time than it says")
            if "kind" in event["args"]:
                check(event["name"] == event["args"]["kind"], f"{event['name']} is of kind {event['args']['kind']}")
                marks[event["name"]] += 1
        elif event["ph"] == "b":
            key = (event["pid"], event["name"], event["id"])
            check(key not in opened, f"slice {key} begins twice")
            opened[key] = event["ts"]
        elif event["ph"] == "e":
            begin = opened.pop((event["pid"], event["name"], event["id"]), None)
            check(begin is not None, f"slice {event['name']} ends without a beginning")
            check(begin <= event["ts"], f"slice {event['name']} ends before it begins")
        elif event["ph"] == "C":
            track = (event["pid"], event["name"])
            check(event["ts"] >= last[track], f"counter {track} goes back in time")
            last[track] = event["ts"]
    check(not opened, f"slices without an end: {list(opened)[:3]}")
    told = collections.Counter(line["kind"] for line in lines if line["ts_ns"])
    for kind in set(told) - {"io", "io-slow", "io-summary", "state"}:
        check(marks[kind] == told[kind], f"{marks[kind]} marks of {kind}, {told[kind]} events")
    slices = collections.Counter(event["args"]["kind"] for event in events if event["ph"] == "b")
    for kind in ("io", "io-slow"):
        check(slices[kind] == told[kind], f"{slices[kind]} slices of {kind}, {told[kind]} events")
    summaries = sum(event["ph"] == "C" and event["name"].endswith("I/O per second") for event in events)
    check(summaries == told["io-summary"], f"{summaries} counters, {told['io-summary']} summaries")


timeline, incidents, ndjson, perfetto = map(validator, ("timeline-1", "incidents-1", "timeline-ndjson-1", "perfetto-1"))
for name in names:
    try:
        best(timeline, json.load(open(f"{work}/{name}/timeline.json")))
        best(incidents, json.load(open(f"{work}/{name}/incidents.json")))
        lines = [json.loads(line) for line in open(f"{work}/{name}/timeline.ndjson")]
        for line in lines:
            best(ndjson, line)
        trace = json.load(open(f"{work}/{name}/timeline.perfetto"))
        best(perfetto, trace)
        check_perfetto(trace, lines)
    except ValueError as error:
        print(name, " ".join(str(error).split())[:600])
