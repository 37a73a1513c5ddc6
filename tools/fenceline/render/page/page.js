// SPDX-License-Identifier: MIT
// The page: verdicts and their evidence, a section per image with chart and list of events, keys and mouse.
const { timeline, incidents, words, processes, causes } = JSON.parse(document.getElementById("data").textContent);
const ROW = 22, LIST_MAX = 8e6; // a browser draws no element that is higher than some 16 million pixels
const byId = id => document.getElementById(id);
const el = (name, props = {}, ...children) => {
	const { attributes = {}, ...own } = props, node = Object.assign(document.createElement(name), own);
	for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
	node.append(...children.filter(c => c !== null));
	return node;
};
// A log's line without a stamp has the time 0.
function clock(t, digits = 3) { return t === 0 ? "no time" : new Date(t).toISOString().slice(11, digits ? 23 : 19); }
function moment(t) { return new Date(t).toISOString().slice(0, 19).replace("T", " "); }
// Control characters and bidi overrides in a name must not change how a line reads.
function plain(text) {
	return String(text ?? "").replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]|\udb40[\udc00-\udfff]/g,
		c => "\\u{" + c.codePointAt(0).toString(16) + "}");
}
const imageName = image => image ? plain([image.pool, image.namespace, image.name ?? image.id].filter(Boolean).join("/")) : "(image not known)";
// What OSDs say of pools belongs to no VM, image or client.
const isCluster = (vm, image, client) => !vm && !image && client && client.global_id === null && client.address === null;
// A process that is no VM.
const processName = vm => `${processes.find(by => by.pid === vm.pid && by.host === vm.host)?.process ?? "process"} (pid ${vm.pid}${vm.host ? ` on ${vm.host}` : ""})`;
const vmName = (vm, client) => isCluster(vm, null, client) ? "the cluster" : plain(vm?.name ?? (vm ? processName(vm) : `client ${client?.address ?? "?"}`));
const say = (t, text) => `${clock(t)}  ${plain(text)}`;

// ---- verdicts ----

function particularsOf(i) {
	const b = i.blocklist, by = [plain(b?.process ?? b?.entity ?? "?"), b?.pid ? ` (pid ${b.pid}${b.host ? ` on ${plain(b.host)}` : ""})` : "",
		b?.process && b.entity ? ` as ${plain(b.entity)}` : ""].join("");
	return [
		["image", imageName(i.image) + (i.other_images?.length ? ` and ${i.other_images.map(imageName).join(", ")}` : "")],
		["client", i.client.address ?? b?.range], ["fenced by", b && by], ["through", b?.entry], ["fenced at", b?.ts_ns ? `${moment(ms(b.ts_ns))} UTC` : null],
		["until", b?.removed_ns ? `lifted at ${moment(ms(b.removed_ns))}` : b?.expires_ns ? `${moment(ms(b.expires_ns))} UTC` : null],
		["snapshot", i.snapshot_window && `${plain(i.snapshot_window.op)} ${plain(i.snapshot_window.snap)}`],
		["pings lost", i.lost_pings || null], ["OSD of the pings", i.header?.osd], ["failed I/O", i.failed_ios],
	].filter(([, value]) => value !== null && value !== undefined && value !== false);
}

const evidenceButton = (number, t, text, act) => el("button", { type: "button", onclick: act },
	el("b", { textContent: number }), el("time", { textContent: clock(t), title: t ? `${moment(t)} UTC` : "" }), el("span", { textContent: plain(text) }));

// The verdict in a paragraph, and what to do; the evidence stands beside it already.
function wordsOf(number) {
	const verdict = words?.split(/^VERDICT/m)[number + 1];
	return verdict?.replace(/^.*\n/, "").replace(/\n *NEAR MISS[\s\S]*/, "").replace(/\n  (Missing evidence|Evidence|The chain|Witnesses that disagree)\n(.+\n)*/g, "\n").replace(/\n{3,}/g, "\n\n").replace(/^ {1,3}/gm, "").trim();
}

const MARKS = { seen: "✓", inferred: "~", missing: "?", contradicted: "✗", none: "–" };
// "2-4, 7": what carries a link, by number, and where a press leads to.
function references(i, numbers) {
	if (!numbers.length)
		return null;
	const runs = numbers.reduce((all, n) => (all.length && all.at(-1)[1] === n - 1 ? all.at(-1)[1] = n : all.push([n, n]), all), []);
	const first = i.evidence[numbers[0] - 1];
	return el("button", { type: "button", className: "refs", title: "Show the first of these in the timeline",
		textContent: `[${runs.map(([a, b]) => a === b ? a : `${a}-${b}`).join(", ")}]`,
		onclick: event => goto(ms(first.ts_ns), i.client.address, first.text, event.currentTarget) });
}
// The five links at a glance: the weak ones stand out.
function chainOf(i) {
	const row = (name, status, text, numbers) => el("li", { className: status ?? "" }, el("span", { textContent: status ? MARKS[status] : "" }),
		el("b", { textContent: name }), el("span", { className: "status", textContent: status ?? "" }),
		el("span", {}, el("span", { textContent: `${plain(text)} ` }), references(i, numbers)));
	return el("ul", { className: "chain" }, ...i.chain.map(l => row(l.link, l.status, l.text, l.evidence)),
		i.where ? row("where", null, i.where.text, i.where.evidence) : null);
}

const titleOf = i => `${vmName(i.vm, i.client)}: ${causes[i.cause] ?? i.cause} (${i.confidence})`;
const LISTED_FROM = 5; // so many verdicts have a list of their titles in front, as in the text

function listOf(all) {
	const act = number => () => document.querySelectorAll("#verdicts article")[number].scrollIntoView();
	return el("div", {}, el("h3", { textContent: `${all.length} incidents` }), el("ol", { className: "evidence all" },
		...all.map((i, n) => el("li", {}, evidenceButton(n + 1, ms(i.blocklist?.ts_ns || i.first_eshutdown?.ts_ns || i.evidence[0]?.ts_ns || 0), titleOf(i), act(n))))));
}

function showIncident(out, i, number) {
	const prose = wordsOf(number);
	out.append(el("article", { className: i.cause === "client-gone" ? "verdict none" : "verdict" },
		el("h2", { textContent: titleOf(i) }),
		el("h3", { textContent: "The chain" }), chainOf(i),
		i.contradictions.length ? el("h3", { textContent: "Witnesses that disagree" }) : null,
		i.contradictions.length ? el("ul", { className: "missing" }, ...i.contradictions.map(c => el("li", {}, el("span", { textContent: `${plain(c.text)} ` }), references(i, c.evidence)))) : null,
		i.missing_evidence.length ? el("h3", { textContent: "Missing evidence" }) : null,
		i.missing_evidence.length ? el("ul", { className: "missing" }, ...i.missing_evidence.map(t => el("li", { textContent: plain(t) }))) : null,
		el("dl", { className: "particulars" }, ...particularsOf(i).flatMap(([name, value]) => [el("dt", { textContent: name }), el("dd", { textContent: value })])),
		prose ? el("details", { className: "words", open: true }, el("summary", { textContent: "In words, and what to do" }), el("pre", { textContent: prose })) : null,
		el("h3", { textContent: "Evidence" }),
		el("ol", { className: "evidence" }, ...i.evidence.map((e, n) =>
			el("li", {}, evidenceButton(n + 1, ms(e.ts_ns), e.text, event => goto(ms(e.ts_ns), i.client.address, e.text, event.currentTarget)))))));
}

function showVerdicts() {
	const out = byId("verdicts");
	if (incidents.incidents.length >= LISTED_FROM)
		out.append(listOf(incidents.incidents));
	incidents.incidents.forEach((i, number) => showIncident(out, i, number));
	for (const n of incidents.near_misses)
		out.append(el("article", { className: "verdict near" }, el("h2", { textContent: `Near miss: ${vmName(n.vm, n.client)} (${n.kind})` }),
			el("p", { className: "dim", textContent: imageName(n.image) }),
			el("div", { className: "evidence" }, evidenceButton("", ms(n.begin_ns), n.text, event => goto(ms(n.begin_ns), n.client.address, n.text, event.currentTarget)))));
	if (!out.childElementCount)
		out.append(el("article", { className: "verdict none" }, el("h2", { textContent: "No incident and no near miss" })));
}

// ---- an image ----

class Section {
	constructor(vm, image) {
		this.events = image.events;
		this.address = image.client.address;
		this.times = Float64Array.from(this.events, e => ms(e.ts_ns));
		this.title = isCluster(vm, image.image, image.client) ? "The cluster · what OSDs say of removed snapshots" : `${vmName(vm, image.client)} · ${imageName(image.image)}`;
		this.incident = incidents.incidents.find(i => i.client.address && i.client.address === this.address);
		this.build(vm, image);
		this.listen();
	}
	build(vm, image) {
		const lanes = makeLanes(this.events, this.times, view.last, this.address);
		const untimed = lower(this.times, 1), canvas = el("canvas", { attributes: { "aria-hidden": "true" } });
		this.canvas = canvas;
		this.chart = new Chart(canvas, lanes, (this.incident?.evidence ?? []).map((e, n) => [ms(e.ts_ns), n + 1]).filter(([t]) => t));
		this.lanes = lanes.map(lane => this.laneNode(lane));
		this.list = new List(this);
		this.details = el("details", { className: "events", open: !!this.incident }, el("summary", { textContent: `Events: ${this.events.length}${untimed ? `, ${untimed} of them without a time` : ""}` }),
			el("label", {}, this.list.every, " each second's I/O and each state, too"), this.list.node);
		this.details.addEventListener("toggle", () => this.list.show());
		this.node = el("article", { className: "chart" }, el("h2", { textContent: this.title }),
			el("p", { className: "dim", textContent: plain([vm?.uuid && `uuid ${vm.uuid}`, vm?.host && `host ${vm.host}`, vm?.pid && `pid ${vm.pid}`,
				image.client.global_id && `client.${image.client.global_id}`, image.client.address].filter(Boolean).join(" · ")) }),
			el("div", { className: "lanes", attributes: { role: "group", "aria-label": `Lanes of ${this.title}` } }, canvas, ...this.lanes), this.details);
	}
	laneNode(lane) {
		const node = el("div", { className: "lane", tabIndex: 0, attributes: { role: "group", "aria-roledescription": "timeline lane",
			"aria-label": `${lane.name}: ${laneWords(lane, this.events)}` } },
			el("span", { textContent: lane.name }), lane.value ? el("small", { textContent: `≤ ${lane.unit(lane.max)}` }) : null);
		node.style.top = `${lane.top}px`;
		node.style.height = `${lane.height}px`;
		node.addEventListener("keydown", e => this.key(e, lane));
		return node;
	}
	key(e, lane) {
		const span = view.to - view.from, zoomTo = this.chart.marked ?? undefined;
		const acts = { ArrowLeft: () => view.pan(-span / 8), ArrowRight: () => view.pan(span / 8), "+": () => view.zoom(1 / 1.5, zoomTo), "=": () => view.zoom(1 / 1.5, zoomTo),
			"-": () => view.zoom(1.5), "0": () => view.all(), Home: () => this.pick(lane.index[0]), End: () => this.pick(lane.index.at(-1)),
			n: () => this.step(lane, 1), p: () => this.step(lane, -1), Enter: () => this.pick(lane.index[Math.max(this.chart.nearest(lane, (LEFT + this.chart.width) / 2), 0)]) };
		if (!acts[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
		e.preventDefault();
		acts[e.key]();
	}
	step(lane, by) {
		const at = this.chart.marked ?? (by > 0 ? -Infinity : Infinity);
		const place = by > 0 ? lane.times.findIndex(t => t > at) : lane.times.findLastIndex(t => t < at);
		if (place >= 0) this.pick(lane.index[place]);
	}
	// Shows an event everywhere: the line through all charts, the list, the words.
	pick(index) {
		if (index === undefined || index < 0) return;
		if (this.times[index]) {
			markMoment(this.times[index]);
			view.show(this.times[index]);
		}
		this.list.select(index);
		byId("said").textContent = say(this.times[index], this.events[index].text);
	}
	listen() {
		const { canvas, chart } = this;
		canvas.addEventListener("wheel", e => {
			e.preventDefault();
			if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) view.pan((e.deltaX || e.deltaY) * chart.scale());
			else view.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 400))), chart.time(e.offsetX));
		}, { passive: false });
		canvas.addEventListener("pointerdown", e => {
			if (e.button) return;
			canvas.setPointerCapture(e.pointerId);
			const moves = e.shiftKey || e.offsetY < chart.axis || e.pointerType === "touch";
			this.drag = { x: e.offsetX, last: e.offsetX, moves };
		});
		canvas.addEventListener("pointermove", e => this.drag ? this.dragTo(e) : this.hover(e));
		canvas.addEventListener("pointerup", e => this.drop(e));
		canvas.addEventListener("pointercancel", () => { this.drag = chart.dragged = null; view.draw(); });
		canvas.addEventListener("pointerleave", () => tip.style.display = "none");
	}
	dragTo(e) {
		tip.style.display = "none";
		if (this.drag.moves) view.pan((this.drag.last - e.offsetX) * this.chart.scale());
		else if (Math.abs(e.offsetX - this.drag.x) >= CLICK) this.chart.dragged = [Math.max(this.drag.x, LEFT), Math.max(e.offsetX, LEFT)];
		this.drag.last = e.offsetX;
		view.draw();
	}
	drop(e) {
		const { chart, drag } = this;
		this.drag = null;
		if (!drag) return;
		const [from, to] = [drag.x, e.offsetX].sort((a, b) => a - b);
		chart.dragged = null;
		if (to - from < CLICK) {
			const lane = chart.laneAt(e.offsetY), place = lane ? chart.nearest(lane, e.offsetX) : -1;
			if (place >= 0) this.pick(lane.index[place]);
		} else if (!drag.moves) {
			view.set(chart.time(Math.max(from, LEFT)), chart.time(Math.max(to, LEFT)));
		}
		view.draw();
	}
	hover(e) {
		const lane = this.chart.laneAt(e.offsetY), place = lane && e.offsetX >= LEFT - 6 ? this.chart.nearest(lane, e.offsetX) : -1;
		const span = lane && place < 0 ? this.chart.spanAt(lane, e.offsetX) : null;
		tip.style.display = place < 0 && !span ? "none" : "block";
		if (place >= 0) tip.textContent = say(lane.times[place], this.events[lane.index[place]].text);
		else if (span) tip.textContent = `${clock(span[0])} – ${clock(span[1])}  ${plain(span[3])} (${duration(span[1] - span[0])})`;
		else return;
		tip.style.left = `${Math.max(Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8), 4)}px`;
		tip.style.top = `${Math.min(e.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
	}
}

// ---- the list of events: only the rows in sight exist ----

class List {
	constructor(section) {
		this.section = section;
		this.selected = -1;
		this.every = el("input", { type: "checkbox" });
		this.every.addEventListener("change", () => { this.choose(); this.show(); });
		this.spacer = el("div");
		this.node = el("div", { className: "list", tabIndex: 0, attributes: { role: "log", "aria-label": `Events of ${section.title}`, "aria-live": "off" } }, this.spacer);
		this.node.addEventListener("scroll", () => this.show());
		this.choose();
	}
	choose() {
		const { events } = this.section;
		this.rows = this.every.checked ? null : Int32Array.from(events.keys()).filter(i => events[i].severity !== "debug");
		this.count = this.rows ? this.rows.length : events.length;
		this.height = Math.min(this.count * ROW, LIST_MAX);
		this.spacer.style.height = `${this.height}px`;
	}
	eventAt(row) { return this.rows ? this.rows[row] : row; }
	rowOf(index) { return this.rows ? lower(this.rows, index) : index; }
	// With so many rows that they do not fit, a place in the list stands for several.
	perPixel() { return this.count / Math.max(this.height, 1); }
	select(index) {
		this.selected = index;
		this.reveal(index);
		this.show();
	}
	reveal(index) {
		this.node.scrollTop = this.rowOf(index) / this.perPixel() - this.node.clientHeight / 2;
	}
	show() {
		const { events, times } = this.section, top = this.node.scrollTop;
		if (!this.node.clientHeight) return;
		const first = Math.max(Math.floor(top * this.perPixel()) - 4, 0), fit = Math.ceil(this.node.clientHeight / ROW) + 8, nodes = [];
		for (let row = first; row < Math.min(first + fit, this.count); row++) {
			const index = this.eventAt(row), event = events[index];
			const node = el("div", { className: `row ${event.severity}${index === this.selected ? " at" : ""}`, onclick: () => this.section.pick(index) },
				el("time", { textContent: clock(times[index]) }), plain(event.text));
			node.style.top = `${this.height < LIST_MAX ? row * ROW : top + (row - first - 4) * ROW}px`;
			nodes.push(node);
		}
		this.node.replaceChildren(this.spacer, ...nodes);
	}
}

// ---- all together ----

const tip = byId("tip");
const sections = [];

function markMoment(t) { for (const { chart } of sections) chart.marked = t; }

function goto(t, address, text, button) {
	const section = sections.find(s => s.address === address) ?? sections[0];
	document.querySelector("[aria-current]")?.removeAttribute("aria-current");
	button.setAttribute("aria-current", "true");
	byId("said").textContent = say(t, text);
	if (!t || !section) return;
	markMoment(t);
	view.show(t);
	section.list.select(Math.min(lower(section.times, t - 0.5), section.events.length - 1));
	section.node.scrollIntoView({ block: "nearest" });
}

// Previous or next event that is worth a look, of any image.
function stepNotable(by) {
	const at = sections[0]?.chart.marked ?? (by > 0 ? view.from : view.to);
	let found = null;
	for (const section of sections)
		for (let i = 0; i < section.events.length; i++) {
			const t = section.times[i];
			if (!t || SEVERITY.indexOf(section.events[i].severity) < 2 || (by > 0 ? t <= at : t >= at)) continue;
			if (!found || (by > 0 ? t < found.t : t > found.t)) found = { section, i, t };
		}
	found?.section.pick(found.i);
}

function imagesWithEvents() {
	const images = timeline.vms.flatMap(vm => vm.images.map(image => ({ ...image, vm: vm.vm }))).filter(image => image.events.length);
	const ofCluster = images.filter(i => isCluster(i.vm, i.image, i.client)).flatMap(i => i.events);
	for (const image of images) { // deletions stand beside the pings of their time
		const first = image.events.find(e => e.ts_ns)?.ts_ns, last = image.events.at(-1).ts_ns;
		const beside = image.image ? ofCluster.filter(e => e.ts_ns >= first && e.ts_ns <= last) : [];
		if (beside.length) image.events = image.events.concat(beside).sort((a, b) => a.ts_ns - b.ts_ns);
	}
	const fenced = image => incidents.incidents.some(i => i.client.address && i.client.address === image.client.address) ? 0 : image.vm?.name ? 1 : 2;
	return images.sort((a, b) => fenced(a) - fenced(b));
}

function showSummary(any) {
	const count = (n, one, many = one + "s") => `${n} ${n === 1 ? one : many}`;
	byId("summary").textContent = [any ? view.first ? `${moment(view.first)} to ${moment(view.last)} UTC` : "no event with a time" : "no events", count(timeline.inputs.length, "input"),
		count(incidents.incidents.length, "incident"), count(incidents.near_misses.length, "near miss", "near misses"),
		timeline.lost_events ? `${timeline.lost_events} events were lost by the tracer` : null,
		timeline.orphans ? `${timeline.orphans} calls without their other half` : null].filter(Boolean).join(" · ");
	document.title = `fenceline: ${incidents.incidents.map(i => vmName(i.vm, i.client)).join(", ") || "no incident"}`;
}

function main() {
	const images = imagesWithEvents();
	if (images.length) {
		const timed = images.map(i => i.events.filter(e => e.ts_ns)).filter(events => events.length);
		view.first = timed.reduce((t, events) => Math.min(t, ms(events[0].ts_ns)), timed.length ? Infinity : 0);
		view.last = Math.max(timed.reduce((t, events) => Math.max(t, ms(events.at(-1).ts_ns)), 0), view.first + 1000);
	}
	readColours();
	for (const image of images) sections.push(new Section(image.vm, image));
	view.charts = sections.map(s => s.chart);
	byId("timelines").append(...sections.map(s => s.node));
	for (const section of sections) {
		if (section.incident) section.list.reveal(lower(section.times, ms(section.incident.blocklist?.ts_ns ?? section.incident.first_eshutdown?.ts_ns ?? 0)));
		section.list.show();
	}
	showVerdicts();
	showSummary(images.length > 0);
	view.changed = () => byId("range").textContent = !view.first ? "" : `${moment(view.from)} to ${view.to - view.from < 864e5 ? clock(view.to, 0) : moment(view.to)} (${duration(view.to - view.from)})`;
	const span = () => view.to - view.from;
	const acts = { in: () => view.zoom(1 / 1.5, sections[0]?.chart.marked ?? undefined), out: () => view.zoom(1.5), all: () => view.all(), left: () => view.pan(-span() / 4),
		right: () => view.pan(span() / 4), previous: () => stepNotable(-1), next: () => stepNotable(1) };
	for (const [id, act] of Object.entries(acts)) byId(id).addEventListener("click", act);
	addEventListener("beforeprint", () => view.paintAll());
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); view.draw(); });
	view.all();
}
main();
