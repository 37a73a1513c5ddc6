/* SPDX-License-Identifier: MIT */
#include "guard/report_text.h"
#include "guard/image.h"
#include "guard/service.h"
#include "render/escape.h"
#include "render/style.h"
#include "render/text.h"

#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LABEL  10
#define INDENT (2 + LABEL)

static void fact(const struct text *text, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fact(const struct text *text, const char *label, const char *format, ...)
{
	char words[1400];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	fprintf(text->out, "  %s%-*s%s", ink(text, INK_DIM), LABEL, label, ink_off(text));
	text_wrap(text, INDENT, INK_PLAIN, words);
}

static void say_lock(const struct text *text, const struct look *look)
{
	const struct locker *first = &look->lock.lockers[0];

	switch (look->lock_state) {
	case LOCK_UNSUPPORTED:
		fact(text, "lock", "no exclusive-lock feature");
		break;
	case LOCK_FREE:
		fact(text, "lock", "held by nobody; %zu watcher%s", look->watchers.count, look->watchers.count == 1 ? "" : "s");
		break;
	case LOCK_OWNED:
		fact(text, "lock", "held by %s at %s, cookie %s", look->owner.client, look->owner.address, look->owner.cookie);
		break;
	case LOCK_FOREIGN:
		fact(text, "lock", "held by %s at %s, cookie %s, tag \"%s\", %s, %zu in all", first->client, first->address,
		     first->cookie, look->lock.tag, look->lock.exclusive ? "exclusive" : "shared", look->lock.count);
		break;
	case LOCK_NOT_KNOWN:
		break;
	}
}

static void say_watch(const struct text *text, const struct look *look)
{
	static const char *const words[] = { "not known", "the owner's is there", "the owner's has another cookie than the lock",
		                             "the owner has none" };

	if (look->lock_state != LOCK_OWNED)
		return;
	fact(text, "watch", "%s; %zu watcher%s in all", words[look->watch], look->watchers.count,
	     look->watchers.count == 1 ? "" : "s");
	for (size_t i = 0; i < look->watchers.shown; i++)
		if (strcmp(look->watchers.list[i].address, look->owner.address))
			fact(text, "", "%s, client.%" PRIu64 ", watches, too", look->watchers.list[i].address,
			     look->watchers.list[i].global_id);
	if (look->fenced == FENCED_YES)
		fact(text, "fence", "%s on the blocklist until %s", look->fence.entry, look->fence.until);
	else if (look->fenced == FENCED_NO)
		fact(text, "fence", "not on the blocklist");
}

static void say_probe(const struct text *text, const struct look *look)
{
	char took[TEXT_BUF];

	switch (look->probe) {
	case PROBE_ANSWERED:
	case PROBE_SLOW:
		fact(text, "answer", "the owner answered in %s%s", text_span(look->probe_ns, took),
		     look->probe_others_mute ? " or less: another watcher did not answer" : "");
		break;
	case PROBE_MUTE:
		fact(text, "answer", "none in %u s", look->probe_timeout_s);
		break;
	case PROBE_FAILED:
		fact(text, "answer", "%s", look->probe_fault.text);
		break;
	case PROBE_NOT_ASKED:
		break;
	}
}

static void say_process(const struct text *text, const struct look *look)
{
	static const char *const states[] = { "", "lives", "lives, its pings unanswered", "is stopped", "is gone" };
	static const char *const witnesses[] = { "", "by its status page", "by the record daemon on its host",
		                                 "by /proc of this host" };
	const struct owner_process *process = &look->process;
	char age[TEXT_BUF], ago[TEXT_BUF + 40] = "", pid[32] = "";

	if (look->lock_state != LOCK_OWNED)
		return;
	if (process->state == PROCESS_NOT_KNOWN) {
		fact(text, "process", "not known: %s", process->why);
		return;
	}
	if (process->pid)
		snprintf(pid, sizeof pid, "pid %d ", (int)process->pid);
	if (process->ack_age_ns >= 0)
		snprintf(ago, sizeof ago, ", last ping acknowledged %s ago", text_span(process->ack_age_ns, age));
	fact(text, "process", "%s%s%s%s (%s)%s", process->vm, *process->vm ? " " : "", pid, states[process->state],
	     witnesses[process->witness], process->state == PROCESS_GONE ? "" : ago);
}

static void say_service(const struct text *text, const struct look *look)
{
	const struct service *service = &look->service;
	char osd[24] = "no OSD", queue[64] = "", timeout[64] = "";

	if (!service->known)
		return;
	if (service->placement.osd >= 0)
		snprintf(osd, sizeof osd, "osd.%d", service->placement.osd);
	if (service->group.snaptrim_queue >= 0)
		snprintf(queue, sizeof queue, ", snaptrim queue %" PRId64, service->group.snaptrim_queue);
	if (service->watch_timeout_s > 0)
		snprintf(timeout, sizeof timeout, ", watch timeout %g s", service->watch_timeout_s);
	fact(text, "header", "%s in pg %s on %s%s%s%s%s%s%s%s%s", look->header, service->placement.pgid, osd,
	     *service->osd_host ? " at " : "", service->osd_host, *service->osd_address ? ", " : "", service->osd_address,
	     *service->group.state ? ": " : "", service->group.state, queue, timeout);
	for (size_t i = 0; i < service->concerns.shown; i++)
		fact(text, i ? "" : "health", "%s: %s", service->concerns.list[i].check, service->concerns.list[i].text);
}

static void say_relations(const struct text *text, const struct look *look)
{
	if (*look->group_name)
		fact(text, "group",
		     "the image is in the group %s: a snapshot of the group takes the locks of all its images; ask for each",
		     look->group_name);
	if (look->mirrored)
		fact(text, "mirror", "%s",
		     look->primary ? "primary" : "not primary: the lock is rbd-mirror's, and no snapshot can be taken here");
}

static enum ink ink_of_verdict(enum verdict verdict)
{
	static const enum ink inks[] = { INK_GREEN, INK_CYAN, INK_YELLOW, INK_YELLOW, INK_ALARM };

	return inks[verdict];
}

void report_text(const struct look *look, const struct judgement *judgement, FILE *out)
{
	struct render_style style = render_style_of(out);
	struct text text = { out, &style };
	char spec[IMAGE_SPEC], words[IMAGE_SPEC + 64];

	snprintf(words, sizeof words, "%s: %s", image_spec_text(&look->spec, spec), verdict_name(judgement->verdict));
	text_wrap(&text, 2, ink_of_verdict(judgement->verdict), words);
	fact(&text, "why", "%s", judgement->text);
	if (look->fault.kind != FAULT_NONE)
		return;
	say_lock(&text, look);
	say_watch(&text, look);
	say_probe(&text, look);
	say_process(&text, look);
	say_service(&text, look);
	say_relations(&text, look);
	for (size_t i = 0; i < look->unknown_count; i++)
		fact(&text, i ? "" : "unknown", "%s: %s", look->unknowns[i].what, look->unknowns[i].why);
}

void report_line(const struct look *look, const struct judgement *judgement, FILE *out)
{
	struct render_style style = render_style_of(out);
	struct text text = { out, &style };
	char spec[IMAGE_SPEC];

	text_wrapf(&text, 2, INK_PLAIN, "%s: %s: %s", image_spec_text(&look->spec, spec), verdict_name(judgement->verdict),
	           judgement->text);
}

void report_say(const char *format, ...)
{
	struct render_style style = render_style_of(stderr);
	char *words = NULL, *escaped = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&words, format, args) < 0)
		words = NULL;
	va_end(args);
	if (words)
		escaped = escape_terminal(words, style.utf8);
	fflush(stdout); /* the order of words is the order of events */
	warnx("%s", escaped ? escaped : "out of memory");
	free(words);
	free(escaped);
}
