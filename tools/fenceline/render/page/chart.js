// SPDX-License-Identifier: MIT
// One image's chart: its lanes over the time that the page shows, on one canvas; what is not in sight is not drawn.
const LEFT = 88, RIGHT = 8, AXIS = 24, FLAGS = 18, LANE = 26, TALL = 46, CLICK = 4;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 2592e6, 7776e6, 31536e6, 31536e7];
const reducedWidth = () => innerWidth < 520;

// The time shown: one for all charts, so that what happened together stands together.
const view = {
	from: 0, to: 1, first: 0, last: 1, charts: [], frame: 0, changed: () => {},
	set(from, to) {
		const whole = this.last - this.first, span = Math.min(Math.max(to - from, 1), whole * 1.1);
		const middle = Math.min(Math.max((from + to) / 2, this.first - whole * 0.05), this.last + whole * 0.05);
		this.from = middle - span / 2;
		this.to = middle + span / 2;
		this.draw();
	},
	all() { const pad = (this.last - this.first) * 0.02; this.set(this.first - pad, this.last + pad); },
	pan(by) { this.set(this.from + by, this.to + by); },
	zoom(factor, about = (this.from + this.to) / 2) { this.set(about - (about - this.from) * factor, about + (this.to - about) * factor); },
	// Brings a moment into sight, near enough to see what is around it.
	show(t) {
		const span = Math.min(this.to - this.from, 60e3);
		if (span < this.to - this.from || t < this.from + span * 0.05 || t > this.to - span * 0.05)
			this.set(t - span / 2, t + span / 2);
		else
			this.draw();
	},
	paintAll() { for (const chart of this.charts) chart.paint(); },
	draw() {
		this.frame ||= requestAnimationFrame(() => {
			this.frame = 0;
			for (const chart of this.charts) if (chart.inSight) chart.paint();
			this.changed();
		});
	},
};

let colours = {};
function readColours() {
	const style = getComputedStyle(document.documentElement);
	for (const name of ["paper", "ink", "dim", "line", "grid", "good", "note", "warn", "bad", "band", "fence", "stall", "mark"])
		colours[name] = style.getPropertyValue("--" + name).trim();
	colours.looks = ["", colours.dim, colours.good, colours.note, colours.warn, colours.bad, colours.bad];
	colours.spans = { good: colours.band, note: colours.band, warn: colours.stall, bad: colours.fence };
}

class Chart {
	constructor(canvas, lanes, flags) {
		this.canvas = canvas;
		this.lanes = lanes;
		this.flags = flags; // [time, number] of the verdict's evidence
		this.marked = null; // the moment that was asked for
		this.inSight = true;
		this.axis = AXIS + (flags.length ? FLAGS : 0); // where the lanes begin
		let top = this.axis;
		for (const lane of lanes) {
			lane.top = top;
			lane.height = lane.tall ? TALL : LANE;
			top += lane.height;
		}
		this.height = top;
		canvas.style.height = `${top}px`;
		new ResizeObserver(() => this.resize()).observe(canvas);
		new IntersectionObserver(entries => { this.inSight = entries.at(-1).isIntersecting; view.draw(); }).observe(canvas);
	}
	resize() {
		const ratio = devicePixelRatio || 1;
		this.width = this.canvas.clientWidth;
		this.canvas.width = Math.round(this.width * ratio);
		this.canvas.height = Math.round(this.height * ratio);
		this.context = this.canvas.getContext("2d");
		this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
		this.context.font = "12px system-ui, sans-serif";
		this.pixels = new Uint8Array(this.width);
		this.levels = new Float32Array(this.width);
		view.draw();
	}
	scale() { return (view.to - view.from) / Math.max(this.width - LEFT - RIGHT, 1); }
	x(t) { return LEFT + (t - view.from) / this.scale(); }
	time(x) { return view.from + (x - LEFT) * this.scale(); }
	laneAt(y) { return this.lanes.find(lane => y >= lane.top && y < lane.top + lane.height) ?? null; }
	// The event of the lane that is next to the place; -1: none near.
	nearest(lane, x) {
		const t = this.time(x), after = lower(lane.times, t), scale = this.scale();
		let near = -1;
		for (const place of [after - 1, after])
			if (place >= 0 && place < lane.times.length && (near < 0 || Math.abs(lane.times[place] - t) < Math.abs(lane.times[near] - t)))
				near = place;
		const reach = lane.value ? Math.max(lane.widest / scale, 12) : 12;
		return near >= 0 && Math.abs(lane.times[near] - t) / scale <= reach ? near : -1;
	}
	spanAt(lane, x) { const t = this.time(x); return lane.spans.find(([from, to]) => t >= from && t <= to); }

	paint() {
		const c = this.context;
		if (!c || !this.width) return;
		c.clearRect(0, 0, this.width, this.height);
		this.paintAxis(c);
		this.paintFlags(c);
		for (const lane of this.lanes) {
			c.fillStyle = colours.line;
			c.fillRect(0, lane.top, this.width, 1);
			c.save();
			c.beginPath();
			c.rect(LEFT - 6, lane.top + 1, this.width - LEFT + 6, lane.height - 1);
			c.clip();
			this.paintSpans(c, lane);
			if (lane.value) this.paintValues(c, lane); else this.paintMarks(c, lane);
			c.restore();
		}
		if (this.marked !== null) {
			c.fillStyle = colours.mark;
			c.fillRect(this.x(this.marked) - 0.75, this.axis - 4, 1.5, this.height);
		}
		if (this.dragged) {
			c.fillStyle = colours.mark;
			c.globalAlpha = 0.18;
			c.fillRect(Math.min(...this.dragged), this.axis, Math.abs(this.dragged[1] - this.dragged[0]), this.height);
			c.globalAlpha = 1;
		}
	}
	paintAxis(c) {
		const scale = this.scale(), apart = reducedWidth() ? 70 : 90;
		const step = STEPS.find(s => s / scale > apart) ?? STEPS.at(-1);
		for (let t = Math.ceil(view.from / step) * step; t < view.to; t += step) {
			const x = this.x(t);
			c.fillStyle = colours.grid;
			c.fillRect(x, AXIS - 5, 1, this.height);
			c.fillStyle = colours.dim;
			if (x < this.width - (step < 1000 ? 84 : 60)) c.fillText(step >= 864e5 ? moment(t).slice(0, 10) : clock(t, step < 1000 ? 3 : 0), x + 3, 15);
		}
	}
	paintSpans(c, lane) {
		for (const [from, to, colour] of lane.spans) {
			if (to < view.from || from > view.to) continue;
			const x = Math.max(this.x(from), LEFT - 6);
			c.fillStyle = colours.spans[colour];
			c.fillRect(x, lane.top + 4, Math.max(Math.min(this.x(to), this.width) - x, 2), lane.height - 7);
		}
	}
	// Thousands of events share a pixel: the worst of them is what it shows.
	paintMarks(c, lane) {
		const { pixels } = this, { times, looks } = lane, from = view.from, perPixel = 1 / this.scale();
		let first = this.width, last = -1;
		pixels.fill(0);
		for (let i = lower(times, this.time(LEFT - 6)); i < times.length && times[i] <= view.to; i++) {
			const x = Math.round(LEFT + (times[i] - from) * perPixel);
			if (x >= this.width) break;
			if (pixels[x] < looks[i]) pixels[x] = looks[i];
			if (x < first) first = x;
			if (x > last) last = x;
		}
		for (let look = LOOK.dim; look <= LOOK.worst; look++) {
			c.fillStyle = colours.looks[look];
			for (let x = first; x <= last; x++)
				if (pixels[x] === look) this.paintMark(c, look, x, lane.top, lane.height);
		}
	}
	// Shape as well as colour: not everybody sees red.
	paintMark(c, look, x, top, height) {
		const middle = top + height / 2;
		if (look < LOOK.late || look === LOOK.bad) {
			c.fillRect(x - 1.5, top + 6, 3, height - 12);
			return;
		}
		c.beginPath();
		if (look === LOOK.late) {
			c.moveTo(x, middle - 6);
			c.lineTo(x + 5, middle);
			c.lineTo(x, middle + 6);
			c.lineTo(x - 5, middle);
		} else {
			c.moveTo(x - 6, middle + 6);
			c.lineTo(x + 6, middle + 6);
			c.lineTo(x, middle - 7);
		}
		c.fill();
	}
	// The highest value of each pixel's time.
	paintValues(c, lane) {
		const { levels } = this, { times, values, widths } = lane, scale = this.scale(), perPixel = 1 / scale, room = lane.height - 9;
		levels.fill(0);
		for (let i = lower(times, view.from); i < times.length && times[i] - widths[i] <= view.to; i++) {
			const at = LEFT + (times[i] - view.from) * perPixel, end = Math.min(Math.floor(at), this.width - 1), value = values[i];
			for (let x = Math.max(Math.floor(at - widths[i] * perPixel), LEFT); x <= end; x++)
				if (levels[x] < value) levels[x] = value;
		}
		const top = lane.log ? Math.log1p(lane.max) : lane.max;
		c.globalAlpha = 0.7;
		for (let x = LEFT; x < this.width; x++) {
			const value = levels[x];
			if (!value) continue;
			const height = Math.max((lane.log ? Math.log1p(value) : value) / top * room, 1.5);
			c.fillStyle = !lane.log || value < 1000 ? colours.note : value < 10000 ? colours.warn : colours.bad;
			c.fillRect(x, lane.top + lane.height - 2 - height, 1, height);
		}
		c.globalAlpha = 1;
	}
	// The numbers of the evidence, where it happened; those that would cover one another share a flag.
	paintFlags(c) {
		const flags = [], text = f => f.from === f.to ? `${f.from}` : `${f.from}–${f.to}`, width = f => c.measureText(text(f)).width + 6;
		for (const [t, number] of this.flags) {
			const x = this.x(t), last = flags.at(-1);
			if (x < LEFT - 6 || x > this.width) continue;
			if (last && x < last.x + width({ from: last.from, to: number }) + 2) last.to = number;
			else flags.push({ x, from: number, to: number });
		}
		for (const flag of flags) {
			const left = Math.min(flag.x, this.width - width(flag));
			c.fillStyle = colours.mark;
			c.fillRect(left, AXIS, width(flag), 15);
			c.globalAlpha = 0.45;
			c.fillRect(flag.x, AXIS, 1, this.height);
			c.globalAlpha = 1;
			c.fillStyle = colours.paper;
			c.fillText(text(flag), left + 3, AXIS + 11.5);
		}
	}
}
