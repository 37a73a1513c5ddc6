#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small fleet in one real ClickHouse: hosts on which nothing happens, three fences of known truth, two watchers.

usage: FENCELINE=... tests/fleet/short.py PORT FOLDER [HOSTS FENCES SEED]"""
import json
import os
import subprocess
import sys
import time
import urllib.request

import cast

PORT, FOLDER = sys.argv[1:3]
HOSTS, FENCES, SEED = (int(x) for x in (sys.argv[3:6] + ["20", "3", "3"][len(sys.argv[3:6]):]))
FENCELINE = os.environ["FENCELINE"]
DB = "short"
URL = "clickhouse://127.0.0.1:%s/%s" % (PORT, DB)
ENV = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")
failed = 0


def ok(good, what, more=""):
    global failed
    print("%s fleet/%s%s" % ("ok" if good else "FAIL", what, "" if good else ": %s" % more))
    sys.stdout.flush()
    failed += not good
    return good


def sql(query):
    request = urllib.request.Request("http://127.0.0.1:%s/?database=%s&output_format_json_quote_64bit_integers=0" % (PORT, DB), query.encode())
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).read().decode()


def rows(query):
    return [json.loads(line) for line in sql(query + " FORMAT JSONEachRow").splitlines()]


def run(*words, **more):
    return subprocess.run([FENCELINE, *words], env=ENV, capture_output=True, text=True, **more)


def plain(incident):
    """A verdict without the names of its sources, which in the store begin with who shipped them."""
    incident = json.loads(json.dumps(incident).replace("here:", ""))
    for line in incident.get("evidence", []):
        line["source"] = ""
    return json.dumps(incident, sort_keys=True)


def ship(*inputs):
    return run("ship", "--host", "here", "--spool", os.path.join(FOLDER, "spool-%d" % time.monotonic_ns()), URL, *inputs)


def wait_for(what, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.5)
    return False


def osds_of_the_store(quiet):
    """By the pings that were shipped, as the files tell it; then by the hosts' own counts, which know all pings."""
    def of(*inputs):
        done = run("osds", "-f", "json", "--since", "-1h", *inputs)
        return json.loads(done.stdout)["osds"] if done.returncode == 0 else done.stderr

    def counts(osds):
        return {o["osd"]: (o["answered"], o["slow"], len(o["vms"])) for o in osds if o["osd"].startswith("10.9.")}
    local, there = of(*quiet), of(URL)
    ok(isinstance(there, list) and counts(local) and counts(there) == counts(local), "osds-of-the-store", str(there)[:300])
    named = run("osds", "-f", "json", "--since", "-1h", "--vm", "quiet0-vm3", URL)
    ok(named.returncode == 0 and [[vm["name"] for vm in o["vms"]] for o in json.loads(named.stdout)["osds"]] == [["quiet0-vm3"]], "osds-of-one-vm", named.stderr)
    sums = []
    for host in ("a", "b", "c"):
        for osd in (1, 2, 3):
            slow = osd == 3 and host != "c"
            buckets = [0] * 32
            buckets[17 if slow else 9] = 100
            sums.append(json.dumps(dict(day=time.strftime("%Y-%m-%d", time.gmtime()), ts_ns=int((time.time() - 60) * 1e9), shipper=host, osd="10.7.0.%d:6800" % osd,
                                        answered=100, errors=0, lost=2 * slow, rtt_sum_ns=100 * (200000000 if slow else 700000), vms=10, rtt=buckets)))
    sql("INSERT INTO osd_sums FORMAT JSONEachRow " + "\n".join(sums))
    told = of(URL)
    ok(isinstance(told, list) and [(o["osd"], o["slow"], o["slow_vms"], o["answered"], o["lost"]) for o in told] == [
        ("10.7.0.3:6800", True, 2, 300, 4)] + [("10.7.0.%d:6800" % n, False, 0, 300, 0) for n in (1, 2)], "osds-by-the-hosts-counts", str(told)[:600])
    text = " ".join(run("osds", "--since", "-1h", URL).stdout.split())
    ok("2 of 3 hosts find it slow (a, b)" in text, "osds-counts-in-words", text[:400])
    both = run("osds", URL, quiet[0])
    ok(both.returncode == 2 and "a store is asked alone" in both.stderr, "osds-store-is-asked-alone", both.stderr)


def main():
    now = int(time.time()) - 400
    parts = cast.parts(FENCES, SEED, now, 200)
    ok(run("ship", "--create", URL).returncode == 0, "schema-made")
    ok(run("ship", "--create", URL).returncode == 0, "schema-made-twice")
    hook = os.path.join(FOLDER, "hook")
    log = open(os.path.join(FOLDER, "watch.log"), "w")
    watchers = [subprocess.Popen([FENCELINE, "watch", "--every", "1", "--on-incident", "jq -c '.incidents[0].client.address' >>%s" % hook, URL], env=ENV,
                                 stdout=log, stderr=log) for _ in range(2)]
    try:
        stories = sum(len(part.hosts) for part in parts)
        count, quiet = 0, []
        for n in range(max(0, HOSTS - stories)):
            path = os.path.join(FOLDER, "quiet%d.events" % n)
            with open(path, "w") as out:
                count += cast.healthy_host("quiet%d" % n, "10.8.%d.%d" % (n // 250, n % 250 + 1), 10, now, 120, out=out)
            quiet.append(path)
            done = ship(path)
            if done.returncode:
                ok(False, "quiet-hosts-shipped", done.stderr)
        local = {}
        for part in parts:
            names = part.write(FOLDER)
            local[part.place] = json.loads(run("incidents", "-f", "json", *names).stdout)
            done = ship(*names)
            if done.returncode:
                ok(False, "stories-shipped", done.stderr)
        truth = sorted((plain(i) for part in parts for i in local[part.place]["incidents"]))
        ok(wait_for(lambda: sorted(plain(json.loads(r["verdict"])) for r in rows("SELECT verdict FROM fences")) == truth, 30),
           "verdicts-as-from-files", "; ".join(r["vm"] + " " + r["cause"] for r in rows("SELECT vm, cause FROM fences")))
        known = sorted(cause for part in parts for cause in part.causes)
        ok(sorted((r["cause"], r["confidence"]) for r in rows("SELECT cause, confidence FROM fences")) == known, "verdicts-true", known)
        wait_for(lambda: os.path.exists(hook) and len(open(hook).readlines()) >= len(truth), 20)
        time.sleep(2)
        calls = sorted(open(hook).read().split())
        ok(calls == sorted(json.dumps(json.loads(t)["client"]["address"]) for t in truth), "one-call-per-fence-of-two-watchers", calls)
        before = rows("SELECT count() AS n, uniqExact(id) AS ids FROM events")[0]
        for part in parts:
            ship(*part.write(FOLDER))
        after = rows("SELECT count() AS n, uniqExact(id) AS ids FROM events")[0]
        ok(after["ids"] == before["ids"], "twice-is-harmless", "%s %s" % (before, after))
        answer = run("incidents", "-f", "json", "--since", "-1h", URL)
        ok(answer.returncode == 0 and sorted(plain(i) for i in json.loads(answer.stdout)["incidents"]) == truth, "incidents-of-the-store", answer.stderr)
        vm = json.loads(truth[0])["vm"]
        if vm:
            told = run("timeline", "--vm", vm["uuid"] or vm["name"], "--since", "-1h", URL)
            ok(told.returncode == 0 and "VERDICT" in told.stdout, "timeline-of-the-store", told.stderr)
        osds_of_the_store(quiet)
    finally:
        for watcher in watchers:
            watcher.terminate()
        for watcher in watchers:
            watcher.wait()
    ok(not [line for line in open(os.path.join(FOLDER, "watch.log")) if line.startswith("fenceline:")], "watchers-had-no-trouble",
       open(os.path.join(FOLDER, "watch.log")).read()[:300])


if __name__ == "__main__":
    main()
    sys.exit(failed != 0)
