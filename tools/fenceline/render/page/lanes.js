// SPDX-License-Identifier: MIT
// From an image's events to lanes: what is a mark, what lasts, what is measured. Nothing in here draws.
"use strict";
const ms = ns => ns / 1e6;
const SEVERITY = ["debug", "info", "notice", "warning", "error", "critical"];

// How a mark looks. Where many share a pixel, the highest number is what is seen.
const LOOK = { none: 0, dim: 1, good: 2, note: 3, late: 4, bad: 5, worst: 6 };
function lookOf(event) {
	if (event.kind === "ping-ack") return LOOK.good;
	if (event.kind === "ping-lost" || event.severity === "critical") return LOOK.worst;
	return { error: LOOK.bad, warning: LOOK.late, notice: LOOK.note }[event.severity] ?? LOOK.dim;
}

const isIo = kind => kind === "io" || kind === "io-slow";
const LANES = [
	{ name: "pings", kinds: /^ping-|^recording-gap$/, spans: stallSpans }, { name: "watch", kinds: /^watch-|^notify$/, spans: watchSpans },
	{ name: "lock", kinds: /^lock-/, spans: lockSpans }, { name: "snapshots", kinds: /^snapshot-|^window-/, spans: snapshotSpans },
	{ name: "fence", kinds: /^blocklist-/, spans: fenceSpans }, { name: "OSDs", kinds: /^slow-request$|^snaptrim$|^removed-snaps$/ },
	{ name: "I/O rate", kinds: /^io-summary$|^io$/, tall: true, value: ioRate, unit: v => `${v < 10 ? v.toFixed(1) : Math.round(v)}/s`, spans: waitingSpans },
	{ name: "latency", kinds: /^io-summary$|^io$|^io-slow$/, tall: true, log: true, value: latency, unit: duration },
	{ name: "errors", kinds: /^io-error$|^io-eshutdown$|^guest-error$/ },
	{ name: "image", kinds: /^image-/, spans: imageSpans },
];

function ioRate(e) { return e.kind === "io-summary" ? (e.reads + e.writes + e.discards + e.flushes) * 1e9 / Math.max(e.span_ns, 1) : 1; }
function latency(e) { return ms(e.max_latency_ns ?? e.latency_ns ?? 0); }
function duration(t) {
	if (t < 1000) return `${t < 10 ? t.toFixed(1) : Math.round(t)} ms`;
	if (t < 120e3) return `${(t / 1000).toFixed(1)} s`;
	const minutes = Math.round(t / 60e3), hours = Math.floor(minutes / 60);
	return hours < 48 ? `${hours ? `${hours} h ` : ""}${minutes % 60} min` : `${(hours / 24).toFixed(1)} days`;
}

// ---- what lasts: [from, to, colour, words] in milliseconds; an end that was not seen is the end of what is known ----

function imageSpans(events, end) {
	const spans = [];
	let since = null;
	for (const e of events) {
		if (e.kind === "image-open" && e.severity === "info") since ??= ms(e.ts_ns);
		if (e.kind !== "image-close" || since === null) continue;
		spans.push([since, ms(e.ts_ns), "good", "image open"]);
		since = null;
	}
	if (since !== null) spans.push([since, end, "good", "image open"]);
	return spans;
}

// Watches and locks end with their image, if nothing said so before.
const closing = e => e.kind === "image-close";

function watchSpans(events, end) {
	const spans = [], open = new Map();
	const close = (cookie, t) => {
		if (open.has(cookie)) spans.push([open.get(cookie), t, "good", "watch registered"]);
		open.delete(cookie);
	};
	for (const e of events) {
		const t = ms(e.ts_ns);
		if (e.kind === "watch-registered") open.set(e.cookie, t);
		else if (e.kind === "watch-unregistered") close(e.cookie, t);
		else if (e.kind === "watch-error") close(e.cookie, t);
		else if (e.kind === "watch-expired" || closing(e)) for (const cookie of [...open.keys()]) close(cookie, t);
		// A recording that began later than the watch: an acknowledged ping proves it.
		else if (e.kind === "ping-ack" && !open.has(e.cookie)) open.set(e.cookie, ms(e.sent_ns ?? e.ts_ns));
	}
	for (const cookie of [...open.keys()]) close(cookie, end);
	return spans;
}

// Others' locks are marks: only the own one lasts. A lock that somebody else broke is critical for its owner.
function lockSpans(events, end) {
	const spans = [];
	let since = null;
	for (const e of events) {
		const own = e.text.startsWith("exclusive lock ");
		if (e.kind === "lock-acquired" && own) since ??= ms(e.ts_ns);
		const over = closing(e) || (e.kind === "lock-lost" && own && e.result >= 0) || (e.kind === "lock-broken" && e.severity === "critical");
		if (over && since !== null) {
			spans.push([since, ms(e.ts_ns), "good", "exclusive lock held"]);
			since = null;
		}
	}
	if (since !== null) spans.push([since, end, "good", "exclusive lock held"]);
	return spans;
}

function snapshotSpans(events, end) {
	const spans = [], open = new Map();
	for (const e of events) {
		const key = `${e.op} ${e.snap} ${e.action}`;
		if (e.kind === "snapshot-begin") open.set(key, e);
		if (e.kind === "snapshot-end" && open.has(key)) {
			spans.push([ms(open.get(key).ts_ns), ms(e.ts_ns), "note", `snapshot ${e.op} of ${e.snap}`]);
			open.delete(key);
		}
	}
	for (const e of open.values()) spans.push([ms(e.ts_ns), end, "note", `snapshot ${e.op} of ${e.snap}, not ended`]);
	return spans;
}

function fenceSpans(events, end, address) {
	const spans = [];
	let since = null;
	for (const e of events) {
		const own = e.target && address && e.target.replace(/^\w+:(?=[\d[])/, "").split("/")[1] === address.split("/")[1];
		if (e.kind === "blocklist-add" && own && e.severity === "critical") since ??= ms(e.ts_ns);
		if (e.kind === "blocklist-rm" && own && since !== null) {
			spans.push([since, ms(e.ts_ns), "bad", "on the blocklist"]);
			since = null;
		}
	}
	if (since !== null) spans.push([since, end, "bad", "on the blocklist"]);
	return spans;
}

function stallSpans(events) {
	return events.filter(e => e.kind === "process-stalled" || e.kind === "recording-gap").map(e => [ms(e.begin_ns), ms(e.begin_ns + e.gap_ns), "warn", plain(e.text)]);
}

// Seconds in which nothing was done while something waited.
function waitingSpans(events) {
	return events.filter(e => e.kind === "io-summary" && e.inflight && !(e.reads + e.writes + e.discards + e.flushes + e.errors))
		.map(e => [ms(e.ts_ns - e.span_ns), ms(e.ts_ns), "warn", `no I/O completed, ${e.inflight} waiting`]);
}

// ---- lanes ----

// What draws a lane, in typed arrays: a hundred thousand events are walked through in each frame.
function makeLane(row, events, times, end, address) {
	const index = [];
	events.forEach((e, i) => { if (times[i] && row.kinds.test(e.kind)) index.push(i); }); // without a time (0) it has no place
	const lane = { ...row, index: Int32Array.from(index), times: Float64Array.from(index, i => times[i]),
		looks: Uint8Array.from(index, i => lookOf(events[i])), spans: row.spans ? row.spans(events, end, address) : [], max: 0 };
	if (row.value) {
		lane.values = Float64Array.from(index, i => row.value(events[i]));
		lane.widths = Float64Array.from(index, i => ms(events[i].span_ns ?? 0));
		lane.max = lane.values.reduce((max, v) => Math.max(max, v), 0);
		lane.widest = lane.widths.reduce((max, v) => Math.max(max, v), 0);
	}
	return lane;
}

function makeLanes(events, times, end, address) {
	return LANES.map(row => makeLane(row, events, times, end, address)).filter(lane => lane.index.length || lane.spans.length);
}

// First place whose time is t or later.
function lower(times, t) {
	let low = 0, high = times.length;
	while (low < high) {
		const mid = (low + high) >> 1;
		if (times[mid] < t) low = mid + 1; else high = mid;
	}
	return low;
}

// A lane in words, for who cannot see it.
function laneWords(lane, events) {
	const counts = new Map();
	for (const i of lane.index) counts.set(events[i].kind, (counts.get(events[i].kind) ?? 0) + 1);
	return [...counts].map(([kind, n]) => `${n} ${kind}`).concat(lane.value ? `at most ${lane.unit(lane.max)}` : []).join(", ");
}
