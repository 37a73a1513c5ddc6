/* SPDX-License-Identifier: MIT */
#include "guard/service.h"
#include "guard/fault.h"
#include "guard/image.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MON_CAPS "mon 'profile rbd-read-only' (or 'allow r')"

struct asking {
	struct look *look;
	struct cluster *cluster;
	char *out;
	size_t size;
};

/* Asks with the members that json_pack makes; what is not answered is noted as unknown. True if there is an answer, in
 * asking->out. */
static bool service_ask(struct asking *asking, bool to_manager, const char *what, const char *caps, json_t *command)
{
	char *text = command ? json_dumps(command, JSON_COMPACT) : NULL;
	struct fault fault;
	int status = -ENOMEM;

	json_decref(command);
	cluster_free_answer(asking->cluster, asking->out);
	asking->out = NULL;
	if (text)
		status = cluster_command(asking->cluster, to_manager, text, what, &asking->out, &asking->size);
	free(text);
	if (!status)
		return true;
	fault_of_call(&fault, status, asking->cluster->user, "ask for it", caps);
	look_note_unknown(asking->look, what, "%s", fault.text);
	return false;
}

static void unreadable(struct asking *asking, const char *what)
{
	look_note_unknown(asking->look, what, "the answer is not readable: %.*s", (int)(asking->size < 80 ? asking->size : 80),
	                  asking->out ? asking->out : "");
}

static bool ask_placement(struct asking *asking, struct service *service)
{
	static const char what[] = "what serves the header";
	const struct look *look = asking->look;
	json_t *command = json_pack("{ss ss ss ss}", "prefix", "osd map", "format", "json", "pool", look->spec.pool, "object",
	                            look->header);

	if (command && *look->spec.nspace)
		json_object_set_new(command, "nspace", json_string(look->spec.nspace));
	if (!service_ask(asking, false, what, MON_CAPS, command))
		return false;
	service->known = answer_osd_map(asking->out, asking->size, &service->placement);
	if (!service->known)
		unreadable(asking, what);
	return service->known;
}

static void ask_osd(struct asking *asking, struct service *service)
{
	if (service->placement.osd >= 0 &&
	    service_ask(asking, false, "where the OSD is", MON_CAPS,
	                json_pack("{ss ss si}", "prefix", "osd find", "format", "json", "id", service->placement.osd)))
		answer_osd_find(asking->out, asking->size, service->osd_host, service->osd_address);
}

static void ask_health(struct asking *asking, struct service *service)
{
	static const char what[] = "the cluster's health";

	if (service_ask(asking, false, what, MON_CAPS,
	                json_pack("{ss ss ss}", "prefix", "health", "detail", "detail", "format", "json")) &&
	    !answer_health(asking->out, asking->size, &service->placement, asking->look->spec.pool, &service->concerns))
		unreadable(asking, what);
}

static void ask_group(struct asking *asking, struct service *service)
{
	static const char what[] = "the placement group's state and snaptrim queue";

	if (service->placement.osd >= 0 &&
	    service_ask(asking, true, what, "mgr 'allow r'",
	                json_pack("{ss ss si}", "prefix", "pg ls-by-primary", "format", "json", "osd", service->placement.osd)) &&
	    !answer_pg_list(asking->out, asking->size, service->placement.pgid, &service->group))
		unreadable(asking, what);
}

/* Where the watches do not tell it. Only the manager knows what the OSD runs with, its own conf file included; the monitors know
 * what is in their database. */
static void ask_watch_timeout(struct asking *asking, struct service *service)
{
	static const char what[] = "osd_client_watch_timeout";
	size_t before = asking->look->unknown_count;
	char osd[24];

	if (service->placement.osd < 0 || service->watch_timeout_s > 0)
		return;
	snprintf(osd, sizeof osd, "osd.%d", service->placement.osd);
	if (service_ask(asking, true, what, "mgr 'allow r'",
	                json_pack("{ss ss ss}", "prefix", "config show", "who", osd, "key", "osd_client_watch_timeout")) ||
	    service_ask(asking, false, what, "mon 'allow r'",
	                json_pack("{ss ss ss}", "prefix", "config get", "who", osd, "key", "osd_client_watch_timeout")))
		asking->look->unknown_count = before;
	else if (asking->look->unknown_count > before)
		asking->look->unknown_count = before + 1; /* the first refusal is enough */
	if (asking->out && !answer_seconds(asking->out, asking->size, &service->watch_timeout_s))
		service->watch_timeout_s = 0;
}

void look_at_service(struct look *look, struct open_image *image)
{
	struct asking asking = { look, image->cluster, NULL, 0 };
	struct service *service = &look->service;

	service->group.snaptrim_queue = -1;
	service->watch_timeout_s = look->watch_timeout_s; /* as the OSD lists it */
	if (*look->header && ask_placement(&asking, service)) {
		ask_osd(&asking, service);
		ask_health(&asking, service);
	}
	cluster_free_answer(image->cluster, asking.out);
}

void look_at_group(struct look *look, struct open_image *image)
{
	struct asking asking = { look, image->cluster, NULL, 0 };

	if (look->service.known) {
		ask_group(&asking, &look->service);
		ask_watch_timeout(&asking, &look->service);
	}
	cluster_free_answer(image->cluster, asking.out);
}
