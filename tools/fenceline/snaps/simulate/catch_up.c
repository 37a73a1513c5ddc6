/* SPDX-License-Identifier: MIT */
#include "snaps/simulate/catch_up.h"

#include "ingest/xalloc.h"
#include "snaps/simulate/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define RUNS        4
#define STEPS_MAX   200000 /* of all placement groups together in a run; a longer walk goes on as it has gone so far */
#define EPOCHS_MIN  1000   /* several times what groups lag behind */
#define GROUPS_MAX  (STEPS_MAX / EPOCHS_MIN)
#define THREADS_MAX 256
#define ACTORS_MAX  (THREADS_MAX + 1)

/*
 * What a real 14.2.21 took for the same without a set: CPU time of its threads in a start over 500 epochs by 72 placement groups
 * (ms_dispatch and fn_anonymous for each map; 0.38 s of tp_osd_tp for 36000 steps and 24000 maps decoded again). It decides
 * whether maps come in faster than groups walk; what the set adds does not hold it.
 */
static const struct catch_up_times without_set = { .map_s = 85e-6, .again_s = 8e-6, .walk_s = 5e-6 };

/* From when a thread is woken until it runs, on a CPU that has just become idle, and how long it may run while others want to.
 * Neither matters much: with 0 to 20 us, and 1 to 6 ms, about as many maps are decoded again. */
#define WAKE_S  10e-6
#define SLICE_S 3e-3
#define RETRY_S 1e-6 /* a placement group that may not go on is queued again */

enum phase {
	ASLEEP,   /* until somebody wakes it */
	BLOCKED,  /* on map_cache_lock */
	WAKING,   /* until .until */
	READY,    /* has been woken, waits for a CPU */
	TAKING,   /* from here on it runs, or waits for its next turn: takes a map in */
	DECODING, /* with the lock held */
	WALKING,
};

struct actor {
	enum phase phase;
	bool on_cpu;
	bool wants_lock;        /* and not just something to do, when it has been woken */
	double until;           /* WAKING */
	double left, slice;     /* CPU time of what it does, and of its turn */
	uint32_t wanted;        /* the map that it wants */
	uint32_t group, target; /* a walker's: which group, and how far */
};

struct ring { /* of actors or of placement groups, which are fewer; each at most once */
	uint32_t items[ACTORS_MAX];
	uint32_t first, count;
};

struct walked_map {
	uint32_t groups;       /* how many are at it */
	uint32_t newer, older; /* the cache: a list of maps from [0] to [0]; one that is not in it points to itself */
};

struct sim {
	const struct catch_up_case *what;
	struct catch_up_times times;
	uint32_t epochs, groups, threads, cpus; /* of this simulation */
	double now;
	uint64_t random;
	double decoded;
	struct actor actors[ACTORS_MAX]; /* [0] takes maps in, the others walk */
	struct ring ready, blocked;      /* actors that wait for a CPU, for the lock */
	uint32_t running;
	bool locked;                     /* map_cache_lock */
	struct ring queues[THREADS_MAX]; /* of placement groups; one, or one for each thread */
	uint32_t queue_count;
	bool queued[GROUPS_MAX];      /* is the group in a queue? Of a shared one: or with a thread? */
	uint32_t at[GROUPS_MAX];      /* the map that each group is at */
	struct walked_map *maps;      /* owned; by their epoch */
	uint32_t slowest;             /* the oldest map that a group is at */
	uint32_t osd_map, taken, got; /* OSD::osdmap; taken in; of its message, got from the cache again */
	uint32_t cached;              /* how many maps are in the cache */
};

static void catch_up_put(struct ring *ring, uint32_t item)
{
	ring->items[(ring->first + ring->count++) % ACTORS_MAX] = item;
}

static uint32_t catch_up_take(struct ring *ring)
{
	uint32_t item = ring->items[ring->first];

	ring->first = (ring->first + 1) % ACTORS_MAX;
	ring->count--;
	return item;
}

/* No two steps take equally long. */
static double about(struct sim *sim, double seconds)
{
	return seconds * (0.75 + 0.5 * (double)(random_next(&sim->random) >> 40) / (double)(1 << 24));
}

static bool in_cache(const struct sim *sim, uint32_t map)
{
	return sim->maps[map].newer != map;
}

static void drop_map(struct sim *sim, uint32_t map)
{
	struct walked_map *maps = sim->maps;

	maps[maps[map].older].newer = maps[map].newer;
	maps[maps[map].newer].older = maps[map].older;
	maps[map].newer = map;
	sim->cached--;
}

/* As the one used last; the one not used for longest drops out. */
static void cache_map(struct sim *sim, uint32_t map)
{
	struct walked_map *maps = sim->maps;

	if (in_cache(sim, map))
		drop_map(sim, map);
	maps[map].newer = 0;
	maps[map].older = maps[0].older;
	maps[maps[0].older].newer = map;
	maps[0].older = map;
	if (++sim->cached > sim->what->rules->cache)
		drop_map(sim, maps[0].newer);
}

static void wake(struct sim *sim, struct actor *actor, bool wants_lock)
{
	actor->phase = WAKING;
	actor->wants_lock = wants_lock;
	actor->until = sim->now + about(sim, WAKE_S);
}

static void run_for(struct sim *sim, struct actor *actor, enum phase phase, double seconds)
{
	actor->phase = phase;
	actor->left = about(sim, seconds);
}

static void enqueue(struct sim *sim, uint32_t group)
{
	uint32_t which = group % sim->queue_count;

	if (sim->queued[group])
		return;
	sim->queued[group] = true;
	catch_up_put(&sim->queues[which], group);
	for (uint32_t t = 1; t <= sim->threads; t++)
		if (sim->actors[t].phase == ASLEEP && (t - 1) % sim->queue_count == which) {
			wake(sim, &sim->actors[t], false);
			return;
		}
}

static bool must_wait(const struct sim *sim)
{
	uint32_t lag = sim->what->rules->max_lag;

	return sim->taken == sim->epochs || (lag && sim->osd_map > lag && sim->osd_map - lag > sim->slowest);
}

/* OSD::handle_osd_map waits for the slowest group, or begins with the next message. */
static void next_message(struct sim *sim)
{
	if (must_wait(sim))
		sim->actors[0].phase = ASLEEP;
	else
		run_for(sim, &sim->actors[0], TAKING, sim->times.map_s);
}

static bool message_is_complete(const struct sim *sim)
{
	return sim->taken - sim->osd_map == sim->what->rules->message || sim->taken == sim->epochs;
}

/* It holds the lock, and the map that it wanted has been decoded if it had to be. */
static void got_map(struct sim *sim, struct actor *actor)
{
	cache_map(sim, actor->wanted);
	sim->locked = false;
	if (sim->blocked.count)
		wake(sim, &sim->actors[catch_up_take(&sim->blocked)], true);
	if (actor == sim->actors) {
		if (actor->wanted > sim->taken)
			sim->taken++;
		else
			sim->got++;
		run_for(sim, actor, TAKING, message_is_complete(sim) ? 0 : sim->times.map_s);
		return;
	}
	sim->maps[sim->at[actor->group]].groups--;
	sim->maps[++sim->at[actor->group]].groups++;
	while (sim->slowest < sim->epochs && !sim->maps[sim->slowest].groups)
		sim->slowest++;
	if (sim->actors[0].phase == ASLEEP && !must_wait(sim))
		wake(sim, sim->actors, false);
	run_for(sim, actor, WALKING, sim->times.walk_s);
}

/* A map that any group is at is in memory, in the cache or not. */
static void want(struct sim *sim, struct actor *actor, uint32_t map)
{
	bool made_here = actor == sim->actors && map > sim->taken;

	actor->wanted = map;
	if (sim->locked) {
		actor->phase = BLOCKED;
		catch_up_put(&sim->blocked, (uint32_t)(actor - sim->actors));
		return;
	}
	sim->locked = true;
	if (made_here || in_cache(sim, map) || sim->maps[map].groups) {
		got_map(sim, actor);
		return;
	}
	sim->decoded++;
	run_for(sim, actor, DECODING, sim->times.again_s);
}

/* The one that takes maps in has taken one in: it is added to the cache, and a complete message handed to the groups. */
static void take_in(struct sim *sim)
{
	if (!message_is_complete(sim)) {
		want(sim, sim->actors, sim->taken + 1);
		return;
	}
	if (sim->got < sim->taken) { /* OSD::_committed_osd_maps */
		want(sim, sim->actors, sim->got + 1);
		return;
	}
	sim->osd_map = sim->taken; /* OSD::consume_map */
	for (uint32_t group = 0; group < sim->groups; group++)
		enqueue(sim, group);
	next_message(sim);
}

static uint32_t target_of(const struct sim *sim)
{
	uint32_t far = sim->slowest + sim->what->rules->max_advance;

	return sim->what->rules->max_advance && far < sim->osd_map ? far : sim->osd_map;
}

/* Takes the next group from its queue, or sleeps. */
static void next_group(struct sim *sim, struct actor *actor)
{
	struct ring *queue = &sim->queues[(uint32_t)(actor - sim->actors - 1) % sim->queue_count];

	while (queue->count) {
		uint32_t group = catch_up_take(queue);

		sim->queued[group] = sim->what->rules->max_advance;
		actor->group = group;
		actor->target = target_of(sim);
		if (sim->at[group] < actor->target) {
			want(sim, actor, sim->at[group] + 1);
			return;
		}
		if (sim->at[group] < sim->osd_map) { /* has to wait for slower ones */
			run_for(sim, actor, WALKING, RETRY_S);
			return;
		}
		sim->queued[group] = false;
	}
	actor->phase = ASLEEP;
}

/* Has walked over a map, or found that it may not. */
static void walked(struct sim *sim, struct actor *actor)
{
	uint32_t group = actor->group, at = sim->at[group];

	if (at < actor->target) {
		want(sim, actor, at + 1);
		return;
	}
	if (sim->what->rules->max_advance) { /* no other thread took it meanwhile */
		sim->queued[group] = false;
		if (at < sim->osd_map)
			enqueue(sim, group);
	}
	next_group(sim, actor);
}

static void go_on(struct sim *sim, struct actor *actor)
{
	if (actor->phase == READY && actor->wants_lock)
		want(sim, actor, actor->wanted);
	else if (actor->phase == READY && actor == sim->actors)
		next_message(sim);
	else if (actor->phase == READY)
		next_group(sim, actor);
	else if (actor->phase == TAKING)
		take_in(sim);
	else if (actor->phase == DECODING)
		got_map(sim, actor);
	else
		walked(sim, actor);
}

static void leave_cpu(struct sim *sim, struct actor *actor)
{
	actor->on_cpu = false;
	sim->running--;
}

static void wait_for_cpu(struct sim *sim, struct actor *actor)
{
	if (actor->phase == WAKING) {
		actor->phase = READY;
		actor->left = 0;
	}
	catch_up_put(&sim->ready, (uint32_t)(actor - sim->actors));
}

static void fill_cpus(struct sim *sim)
{
	while (sim->running < sim->cpus && sim->ready.count) {
		struct actor *actor = &sim->actors[catch_up_take(&sim->ready)];

		actor->on_cpu = true;
		actor->slice = SLICE_S;
		sim->running++;
	}
}

static double due_in(const struct sim *sim, const struct actor *actor)
{
	if (actor->on_cpu)
		return fmin(actor->left, actor->slice);
	return actor->phase == WAKING ? actor->until - sim->now : INFINITY;
}

/* Advances the time to the next moment at which a thread does something else. */
static void next_event(struct sim *sim)
{
	struct actor *next = NULL;
	double in = INFINITY;

	for (uint32_t a = 0; a <= sim->threads; a++) {
		double due = due_in(sim, &sim->actors[a]);

		if (due < in) {
			in = due;
			next = &sim->actors[a];
		}
	}
	if (!next) { /* nobody ever will: cannot be, for whoever sleeps or is blocked is woken by one who runs */
		sim->slowest = sim->epochs;
		return;
	}
	sim->now += in;
	for (uint32_t a = 0; a <= sim->threads; a++)
		if (sim->actors[a].on_cpu) {
			sim->actors[a].left -= in;
			sim->actors[a].slice -= in;
		}
	if (next->on_cpu && next->slice <= 0 && next->left > 0) {
		leave_cpu(sim, next);
		wait_for_cpu(sim, next);
	} else if (next->on_cpu) {
		go_on(sim, next);
		if (next->phase < READY)
			leave_cpu(sim, next);
	} else {
		wait_for_cpu(sim, next);
	}
	fill_cpus(sim);
}

/* Its maps are to be freed. */
static void new_sim(struct sim *sim, const struct catch_up_case *what, uint64_t seed)
{
	uint64_t epochs;

	*sim = (struct sim){ .what = what, .random = seed, .cpus = what->cpus ?: 1 };
	sim->times.map_s = without_set.map_s + what->times.map_s;
	sim->times.again_s = without_set.again_s + what->times.again_s;
	sim->times.walk_s = without_set.walk_s + what->times.walk_s;
	sim->threads = what->threads < THREADS_MAX ? what->threads ?: 1 : THREADS_MAX;
	sim->groups = (uint32_t)(what->pgs < GROUPS_MAX ? what->pgs : GROUPS_MAX);
	epochs = STEPS_MAX / sim->groups;
	sim->epochs = (uint32_t)(what->epochs < epochs ? what->epochs : epochs);
	sim->queue_count = what->rules->max_advance ? 1 : sim->threads;
	sim->maps = xcalloc(sim->epochs + 1, sizeof *sim->maps);
	sim->maps[0].groups = sim->groups;
	for (uint32_t map = 0; map <= sim->epochs; map++)
		sim->maps[map].newer = map;
}

/* Adds a run's share of the mean, as what would have become of the whole case. */
static void run_once(const struct catch_up_case *what, uint64_t seed, struct catch_up *mean)
{
	struct sim sim;
	double share;

	new_sim(&sim, what, seed);
	share = (double)what->epochs / sim.epochs * ((double)what->pgs / sim.groups) / RUNS;
	next_message(&sim);
	wait_for_cpu(&sim, sim.actors);
	fill_cpus(&sim);
	while (sim.slowest < sim.epochs)
		next_event(&sim);
	mean->decoded += sim.decoded * share;
	mean->wall_s += sim.now * share;
	free(sim.maps);
}

/* CPU time of the whole course. */
static double cpu_of(const struct catch_up_case *what, const struct catch_up_times *times, double decoded)
{
	double epochs = (double)what->epochs;

	return epochs * times->map_s + decoded * times->again_s + epochs * (double)what->pgs * times->walk_s;
}

struct catch_up catch_up_run(const struct catch_up_case *what)
{
	struct catch_up mean = { 0 };
	double set_s;

	for (uint64_t seed = 1; seed <= RUNS && what->epochs && what->pgs; seed++)
		run_once(what, seed, &mean);
	set_s = cpu_of(what, &what->times, mean.decoded);
	/* the rest of the time the threads do what they would do without a set, too */
	mean.wall_s *= set_s > 0 ? set_s / (set_s + cpu_of(what, &without_set, mean.decoded)) : 0;
	return mean;
}
