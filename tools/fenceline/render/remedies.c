/* SPDX-License-Identifier: MIT */
#include "render/remedies.h"
#include "correlate/episode.h"
#include "render/text.h"
#include "render/view.h"
#include "run/commands.h"

#include <inttypes.h>
#include <string.h>

static bool has_command(const char *name)
{
	static const char *const names[] = {
#define COMMAND_NAME(name, what, args) #name,
		COMMANDS(COMMAND_NAME)
#undef COMMAND_NAME
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* A healthy OSD commits in a few ms, one on spinning disks in some tens; background stories begin at a second. */
#define SLOW_COMMIT_MS 200

struct advice {
	const struct text *text;
	const struct report *report;
	const struct incident *incident;
	int number;
};

#define advise(advice, ...) \
	do { \
		fprintf((advice)->text->out, "  %2d. ", ++(advice)->number); \
		text_wrapf((advice)->text, 6, INK_PLAIN, __VA_ARGS__); \
	} while (0)

/* The image as it can be typed into a command; a name that a shell would read otherwise is left to the reader. */
static const char *image_typed(const struct image *image, char name[TEXT_NAME])
{
	if (!image || !*image->pool || !*image->name)
		return "POOL/IMAGE";
	text_image(image, name);
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+:@-")] || *name == '-'
	               ? "POOL/IMAGE"
	               : name;
}

static void advise_fence(struct advice *advice)
{
	const struct incident *incident = advice->incident;
	const struct blocklist_action *action = incident->blocklist, *lasting = incident->lasting ? incident->lasting : action;
	char when[TEXT_BUF];

	if (incident->chain[LINK_FENCE].status < STATUS_INFERRED && action)
		return;
	if (!action || (!incident->expires_ns && !incident->removed_ns))
		advise(advice, "`ceph osd blocklist ls` shows whether the client is still fenced, and until when.");
	else if (incident->removal_open && !incident->unharmed)
		advise(advice,
		       "A command to lift the fence was sent at %s UTC, and no input shows that it was carried out: `ceph osd blocklist ls` "
		       "tells.",
		       text_moment(incident->removed_ns, when));
	else if (incident->removed_ns)
		advise(advice, "The fence was lifted at %s UTC.", text_moment(incident->removed_ns, when));
	else if (incident->expires_ns && incident->expires_ns <= advice->report->model->last_ns)
		advise(advice, "The fence expired at %s UTC.", text_moment(incident->expires_ns, when));
	else if (incident->entries > 1)
		advise(advice,
		       "%zu entries of the blocklist hold it, the last until %s UTC; then that lifts by itself. `ceph osd blocklist%s rm %s` "
		       "lifts that one alone. Do so only once nothing of the old client is left running.",
		       incident->entries, text_moment(incident->expires_ns, when), lasting->range ? " range" : "",
		       lasting->target);
	else if (incident->expires_ns)
		advise(advice,
		       "The fence stands until %s UTC; then it lifts by itself. `ceph osd blocklist%s rm %s` lifts it earlier: do so "
		       "only once nothing of the old client is left running.",
		       text_moment(incident->expires_ns, when), lasting->range ? " range" : "", lasting->target);
}

static const char *new_start(const struct incident *incident)
{
	bool many = incident->blocklist ? blocklist_is_of_many(incident->blocklist)
	                                : incident->listed && listed_is_of_many(incident->listed);

	return incident->many_fenced        ? "A new start on a host inside what was fenced is fenced, too, until that is lifted."
	       : many && !incident->entries ? "A new start is not fenced: the fence is over."
	                                    : "A new start connects from a new address, which is not fenced.";
}

/* Whose entry it is, as far as an input tells; an address alone may be a VM's, a gateway's or a mount's. */
static void advise_program(struct advice *advice)
{
	const struct incident *incident = advice->incident;
	const char *entity = incident->blocklist ? incident->blocklist->entity : "";
	const char *vm = incident->client && incident->client->process ? incident->client->process->vm_name : NULL;

	if (!vm && incident->address.family && incident->address.port)
		advise(advice,
		       "An address with a port is a daemon's own (a manager, a metadata server, an OSD): look there, no VM's disk "
		       "is behind it.");
	else if (!vm && !incident->image && !strncmp(entity, "mds.", 4))
		advise(advice,
		       "A metadata server sent this: it evicts CephFS clients. Mount anew on that host; no VM's disk is behind it.");
	else
		advise(advice,
		       "%s%s needs a full stop and start, or a detach and a fresh attach of its disk, even when the fence has been "
		       "lifted: the image's lock and watch are gone. %s",
		       vm                       ? "VM "
		       : incident->image        ? "The program behind this client, which has an image open,"
		       : incident->address_text ? "The program behind this client (a VM or a gateway: no input tells)"
		       : incident->blocklist || incident->listed ? "Every VM and program behind such an address"
		                                                 : "The VM or program that was told -108",
		       vm ? vm : "", new_start(advice->incident));
}

/* What became of it since, where an input tells. False: none does. */
static bool advise_since(struct advice *advice)
{
	const struct since *since = &advice->incident->since;
	const char *vm = since->vm;
	char when[TEXT_BUF];

	text_moment(since->ns, when);
	switch (since->kind) {
	case SINCE_NOT_KNOWN:
		return false;
	case SINCE_RUNS_AGAIN:
		advise(advice, "VM %s runs again, first heard of at %s UTC: its new client, %s, is not this one.", vm ? vm : "",
		       when, since->client->address_text);
		return true;
	case SINCE_ATTACHED:
		advise(advice, "%s%s has the image again, since %s UTC: its new client, %s, is not this one.", vm ? "VM " : "",
		       vm ? vm : "The same program", when, since->client->address_text);
		return true;
	case SINCE_STARTED:
		advise(advice, "VM %s was started again at %s UTC, by its log.", vm ? vm : "", when);
		return true;
	case SINCE_ANSWERED:
		advise(advice,
		       "The client's watch is answered again since %s UTC: see whether its guest still writes before you stop it.",
		       when);
		return true;
	case SINCE_SHUT_DOWN:
		advise(advice, "The client%s%s has shut down since, at %s UTC, with its VM or because the disk was detached. %s",
		       vm ? " of VM " : "", vm ? vm : "", when, new_start(advice->incident));
		return true;
	case SINCE_ENDED:
		advise(advice, "VM %s has ended since, at %s UTC, by its log. %s", vm ? vm : "", when,
		       new_start(advice->incident));
	}
	return true;
}

static void advise_restart(struct advice *advice)
{
	const struct incident *incident = advice->incident;
	const struct client *client = incident->client, *other = incident->other_life;
	const char *vm = client && client->process ? client->process->vm_name : NULL;

	if (advise_since(advice))
		return;
	if (incident->cause == CAUSE_CLIENT_GONE)
		advise(advice, "Nothing: the old client was gone. %s", new_start(advice->incident));
	else if (incident->unharmed)
		advise(advice,
		       "The client's pings are answered after the fence was over, and no input shows that anything was refused: "
		       "see whether it still writes before you stop it.");
	else if (incident->chain[LINK_FENCE].status < STATUS_INFERRED)
		advise(advice, "`ceph osd blocklist ls` shows whether it is fenced at all.");
	else if (other)
		advise(advice,
		       "VM %s is told of by %s and by %s, whose clocks nothing ties, so no input tells which of the two began later: ask "
		       "both hosts which one runs (`virsh list`). If it is the fenced one, on %s, stop it and start it, or detach its disk "
		       "and attach it afresh.",
		       vm ? vm : "", client->process->host, other->process->host, client->process->host);
	else
		advise_program(advice);
}

/* A fenced client that still holds the lock: the next start cannot write until it is broken. */
static void advise_lock(struct advice *advice)
{
	const struct lock_listed *lock = advice->incident->lock;
	char name[TEXT_NAME];

	if (!lock)
		return;
	if (!lock->cookie)
		advise(advice,
		       "It still holds a lock on the image that librbd did not take: `rbd lock ls` tells its id, `rbd lock rm` "
		       "frees it once nothing of the old client is left running.");
	else
		advise(advice,
		       "It still holds the image's lock, so the next start cannot write. Once nothing of the old client is left running, "
		       "`rbd lock rm %s \"auto %" PRIu64 "\" client.%" PRIu64 "` frees it.",
		       image_typed(advice->incident->image, name), lock->cookie, lock->gid);
}

static void advise_osd(struct advice *advice)
{
	const char *osd = advice->incident->header_osd;

	if (osd && !strncmp(osd, "osd.", 4))
		advise(advice,
		       "Repair %s, which did not process the pings: `ceph osd find %s` tells its host, `ceph osd perf` and "
		       "`ceph health detail` whether it is slow, its host's disk and network the rest.",
		       osd, osd + 4);
	else if (osd)
		advise(advice,
		       "Repair the OSD at %s, which did not answer: `ceph osd dump | grep %s` tells its number, `ceph osd perf` and "
		       "`ceph health detail` whether it is slow, its host's disk and network the rest.",
		       osd, osd);
	else
		advise(advice, "Find the slow OSD: `ceph health detail` and `ceph osd perf`.");
}

/* Whose side it was decides what to repair; where nothing tells, the next look is advised, and nobody is blamed. */
static void advise_side(struct advice *advice)
{
	const struct incident *incident = advice->incident;
	const char *osd = incident->header_osd ? incident->header_osd : "its OSD";
	const struct process *process = incident->client ? incident->client->process : NULL;
	const char *host = process && *process->host ? process->host : "the client's host";

	switch (incident->where.side) {
	case SIDE_OSD:
		advise_osd(advice);
		return;
	case SIDE_CLIENT_HOST:
		advise(advice,
		       "Look at the network of %s: bonds, switch ports, drops (`ip -s link`, `ss -ti`); the OSDs answered others.",
		       host);
		return;
	case SIDE_PATH:
		advise(advice,
		       "Look at the way back from %s to %s (asymmetric routes, a switch that drops one direction): the pings "
		       "arrived.",
		       osd, host);
		return;
	case SIDE_UNKNOWN:
		break;
	}
	advise(advice,
	       "Find out on which side the pings of %s were lost: the network between it and %s (`ip -s link`, `ss -ti`), or "
	       "that OSD (`ceph osd perf`, `ceph health detail`; debug_osd=10 shows which pings arrive).",
	       host, osd);
}

/* What `ceph osd perf` said, if it is among the inputs. */
static void advise_slowest(struct advice *advice)
{
	const struct osd_perf *slowest = advice->report->model->osd_perfs;

	if (slowest && slowest->commit_ms >= SLOW_COMMIT_MS)
		advise(advice, "By `ceph osd perf` (%s), %s is the slowest: %" PRIu64 " ms to commit. Look at its disk first.",
		       slowest->source->path, slowest->osd, slowest->commit_ms);
}

static void advise_snapshots(struct advice *advice)
{
	if (!advice->incident->window)
		return;
	advise(advice, "Spread the snapshot rotation over time, so that not every volume is rotated in the same minutes.");
	advise(advice, "Throttle the trimming of removed snapshots (osd_snap_trim_sleep, osd_pg_max_concurrent_snap_trims).");
}

static void advise_preflight(struct advice *advice)
{
	char buf[TEXT_NAME];
	const char *name = image_typed(advice->incident->image, buf);

	if (has_command("preflight"))
		advise(advice,
		       "Before a snapshot, `fenceline preflight --probe %s` tells whether taking the lock would fence a VM.",
		       name);
	if (has_command("guard"))
		advise(advice, "`fenceline guard %s -- CMD` runs a command only while it would fence nobody.", name);
}

static void advise_stall(struct advice *advice)
{
	char who[TEXT_NAME];

	advise(advice,
	       "Find out why %s stood still: a paused or migrating guest, SIGSTOP, swapping, or a starved host (its kernel log, "
	       "`virsh domstate --reason`).",
	       advice->incident->client ? text_process(advice->incident->client->process, who) : "the client");
}

static void advise_sender(struct advice *advice)
{
	const struct blocklist_action *action = advice->incident->blocklist;

	if (!action)
		return;
	if (advice->incident->self)
		advise(advice,
		       "It fenced itself: a client that had lost its own lock and watch took it again. Look for two opens of the "
		       "image in one process, or a stall just before.");
	if (!strcmp(action->entity, "client.admin"))
		advise(advice, "client.admin is a person or a script on the command line: ask who ran it%s%s.",
		       *action->by_address ? " at " : "", action->by_address);
	else if (!strncmp(action->entity, "mds.", 4))
		advise(advice, "%s is a metadata server: it evicted a client of CephFS, which is no VM's disk.", action->entity);
	else if (*action->entity)
		advise(advice,
		       "%s is a service's user: look into that service's log at that time (request, task, evacuation)%s%s.",
		       action->entity, *action->by_address ? "; the command came from " : "", action->by_address);
}

static void advise_watch(struct advice *advice)
{
	const char *osd = advice->incident->header_osd;

	advise(advice,
	       "Find out why the watch broke: a restart, a crash or a lost connection of the OSD%s%s at that time "
	       "(`ceph crash ls`, the OSD's log).",
	       osd ? " at " : "", osd ? osd : "");
}

static void advise_workaround(struct advice *advice)
{
	const char *entry = incident_entry_name(advice->incident);

	if (entry && advice->incident->cause != CAUSE_CLIENT_GONE && !strcmp(entry, "exclusive-lock-break"))
		advise(advice, "NOT recommended: rbd_blocklist_on_break_lock=false takes the fence away. It has led to two "
		               "lock owners writing one image, that is to a corrupted disk (ceph pull 30955).");
}

static void advise_to_record(struct advice *advice)
{
	advise(advice,
	       "Record the VMs and whoever takes their snapshots, so that the next one can be proven: `fenceline integrate` puts the "
	       "shim in place, `fenceline record daemon` records always, `fenceline doctor` tells what is missing.");
}

static void advise_for_cause(struct advice *advice)
{
	switch (advice->incident->cause) {
	case CAUSE_LOST_PINGS:
		advise_side(advice);
		advise_slowest(advice);
		advise_snapshots(advice);
		advise_preflight(advice);
		return;
	case CAUSE_CLIENT_STALLED:
		advise_stall(advice);
		advise_preflight(advice);
		return;
	case CAUSE_WATCH_LOST:
		advise_watch(advice);
		advise_preflight(advice);
		return;
	case CAUSE_FENCED_WHILE_ALIVE:
	case CAUSE_FENCED_BY_COMMAND:
		advise_sender(advice);
		return;
	case CAUSE_CLIENT_GONE:
		return;
	default:
		advise_slowest(advice);
		advise_sender(advice);
		advise_to_record(advice);
	}
}

void text_remedies(const struct text *text, const struct report *report, const struct incident *incident)
{
	struct advice advice = { text, report, incident, 0 };

	fprintf(text->out, "\n  %sWhat to do now%s\n", ink(text, INK_BOLD), ink_off(text));
	advise_restart(&advice);
	advise_lock(&advice);
	advise_fence(&advice);
	if (incident->cause == CAUSE_CLIENT_GONE)
		return;
	fprintf(text->out, "\n  %sSo that it does not happen again%s\n", ink(text, INK_BOLD), ink_off(text));
	advise_for_cause(&advice);
	advise_workaround(&advice);
}
