/* SPDX-License-Identifier: MIT */
/*
 * The account of a pool's snapshots: what the inputs say about it, put together over time. Inputs hand in sightings, one for
 * each time that a log line or a map tells of a pool; the account keeps the newest state and the history of its size.
 *
 * The facts it rests on stand in README.md. So of n removed ids (n - 1) / 2 are burnt (pg_pool_t::remove_unmanaged_snap); which
 * ones only two maps before and after a deletion can tell. A set never shrinks while pool and release stay the same.
 *
 * Everything handed in is copied, everything handed out belongs to the account. Not thread-safe.
 */
#ifndef FENCELINE_SNAPS_ACCOUNT_H
#define FENCELINE_SNAPS_ACCOUNT_H

#include "snaps/intervals/interval_set.h"
#include "snaps/pgs.h"
#include "snaps/warnings.h"

/* Ceph's releases, by their major versions. */
enum {
	RELEASE_KRAKEN = 11,
	RELEASE_LUMINOUS = 12,
	RELEASE_MIMIC = 13,
	RELEASE_NAUTILUS = 14,
	RELEASE_OCTOPUS = 15,
	RELEASE_QUINCY = 17,
	RELEASE_REEF = 18,
};

enum snap_mode { SNAP_MODE_UNKNOWN, SNAP_MODE_SELFMANAGED, SNAP_MODE_POOL };

struct sighting {
	struct place place;
	int64_t pool;      /* -1: not said (a log line alone does not) */
	bool apart;        /* of a pool that is not said, but of none that was seen before (lines of one dump) */
	const char *name;  /* NULL: not said */
	uint64_t epoch;    /* 0: not said */
	int64_t ts_ns;     /* 0: not said */
	uint64_t snap_seq; /* 0: not said */
	enum snap_mode mode;
	bool at_osd;                        /* it is what an OSD holds, not what the map holds */
	bool shrank;                        /* the OSD itself said that the set shrank */
	bool each_is_a_sample;              /* a map: a sample even if nothing changed */
	bool keeps_no_set;                  /* a map without removed_snaps although there were snapshots: Octopus or later */
	const struct interval_set *removed; /* NULL: not said */
	const struct interval_set *queue;   /* removed_snaps_queue; NULL: not said */
	const struct interval_set *listed;  /* pool snapshots: the live ones, all of them; NULL: not said */
};

struct sample {
	uint64_t epoch; /* 0: not known */
	int64_t ts_ns;  /* 0: not known */
	uint64_t intervals, removed, snap_seq;
	uint64_t queue_snaps;
	uint64_t lines; /* how many log lines in a row said the same */
	bool changed;   /* against the sample before */
};

struct burning { /* what one step of a history removed and burnt */
	uint64_t epoch;
	int64_t ts_ns;
	uint64_t burnt, removed; /* one deletion: the id burnt by the removal of the other */
};

struct snaps_pool {
	int64_t id; /* -1: not known */
	char *name; /* NULL: not known; owned */
	enum snap_mode mode;
	uint64_t snap_seq; /* 0: not known */
	bool has_removed, seen_at_osd;
	bool keeps_no_set;           /* the newest map */
	struct interval_set removed; /* the newest */
	struct interval_set burnt;   /* known to be burnt */
	struct burning *burnings;    /* owned; in order */
	size_t burning_count;
	struct sample *samples; /* owned; in order */
	size_t sample_count;
	uint64_t last_epoch; /* of the history, which begins with the first sample; 0: not known */
	int64_t last_ts_ns;
	uint64_t first_seq, last_seq; /* snap_seq, or the range end where snap_seq is not known */
	uint64_t deletions;           /* in the history */
	uint64_t lines;               /* log lines that told of it */
	uint64_t behind;              /* log lines of placement groups that were behind the newest set */
	uint64_t shrunk;              /* times the set shrank */
	bool has_queue;
	struct interval_set queue;
	bool has_listed;
	struct interval_set listed; /* pool snapshots that are alive */
	struct pg_table pgs;
	struct interval_set purged_of_pg; /* the largest purged_snaps that a placement group told of */
	char purged_pg[24];
	uint64_t unnamed_sets; /* of a pool that is not named: different sets that were taken for its history */
	struct snaps_pool *next;
};

struct pg_counts { /* of the whole cluster, by `ceph -s`, `ceph pg stat` and the cluster log: which pools, they do not say */
	bool known;
	uint64_t trimming, waiting, errors;
};

#define FSID_LENGTH 36

struct account {
	struct snaps_pool *pools;  /* by id, those without one last */
	struct snaps_pool *latest; /* where the last sighting went */
	char fsid[FSID_LENGTH + 1]; /* of the first input that tells its cluster; "": none did */
	bool clusters_mixed;       /* another one told another: said once */
	char *require_osd_release; /* NULL: not known; owned */
	uint64_t release_epoch;
	int least_release, most_release; /* what the forms of dumps tell of the release, 0: nothing */
	const char *least_by, *most_by;  /* which form; static */
	int version;                     /* of a daemon or command that named its own, 0: none did */
	bool nosnaptrim;                 /* the flag is set, in the newest input that shows flags */
	uint64_t pools_listed;           /* pools that dumps list, with snapshots or without */
	uint64_t recognised;             /* lines of a known form that told nothing of snapshots */
	uint64_t log_lines;              /* lines of a daemon's log, whatever they told */
	uint64_t unnamed;                /* pools that are not named */
	struct pg_counts pg_counts;
	uint64_t slow_pgs, slow_limit; /* PG_SLOW_SNAP_TRIMMING: so many groups have so many or more in their queue */
	struct warnings warnings;
	struct interval_set step; /* scratch */
};

/* The pool it went to is account->latest. */
void account_sighting(struct account *account, const struct sighting *sighting);
/* The pool's newest set was seen so many times more, unchanged, the last time then; epoch, ts_ns 0: not known. */
void account_repeat(struct snaps_pool *pool, uint64_t times, uint64_t epoch, int64_t ts_ns);
/* What an input says of one placement group. */
void account_pg(struct account *account, const struct pg_sighting *pg);
/* So many placement groups of the cluster are in a state ("active+clean+snaptrim_wait"). */
void account_pg_state(struct account *account, const char *state, uint64_t count);
void account_release(struct account *account, const char *release, uint64_t epoch);
/* The cluster of an input, FSID_LENGTH characters. Pools are known by their ids, which two clusters count alike: that is warned of. */
void account_fsid(struct account *account, const struct place *place, const char *fsid);
/* The cluster's flags ("sortbitwise,nosnaptrim"), which up to 11 name the release, too. */
void account_flags(struct account *account, const char *flags, size_t length);
/* A form that releases from `least` on, or up to `most`, write (0: no bound); `by` names it, static. */
void account_dated(struct account *account, int least, int most, const char *by);
/* Takes the pools out of which nothing is known, and says how many warnings were left out. */
void account_finish(struct account *account);
void account_free(struct account *account);

/* The first pool of that id; NULL: nothing was told of it. */
struct snaps_pool *account_pool(const struct account *account, int64_t id);
/* The major version of require_osd_release ("luminous": 12); 0: it is not known. */
int account_release_number(const struct account *account);

/* The highest snap_seq that is known or follows: snap_seq, or the last removed or listed id where that is higher or all there is.
 */
uint64_t pool_snap_seq(const struct snaps_pool *pool);

#endif
