/* SPDX-License-Identifier: MIT */
#include "osds/osds_json.h"
#include "render/json.h"

static json_t *number_or_null(int64_t ns)
{
	return ns < 0 || ns == OSDS_LOST_NS ? json_null() : json_integer(ns);
}

static json_t *histogram_json(const struct osd_seen *osd)
{
	json_t *list = json_array();

	for (int i = 0; i < OSDS_BUCKETS; i++)
		if (osd->buckets[i])
			json_array_append_new(list, json_pack("{sI sI}", "below_ns", (json_int_t)(INT64_C(2000) << i), "count",
			                                      (json_int_t)osd->buckets[i]));
	return list;
}

static json_t *vms_json(const struct osd_seen *osd)
{
	json_t *list = json_array();

	for (size_t i = 0; i < osd->vm_count; i++)
		json_array_append_new(list, json_pack("{so so sb}", "name", json_name(osd->vms[i].name), "median_ns",
		                                      number_or_null(osd->vms[i].median_ns), "slow", osd->vms[i].slow));
	return list;
}

static json_t *osd_json(const struct osd_seen *osd)
{
	return json_pack("{so sb sI sI sI so so so sI so so}", "osd", json_name(osd->address), "slow", osd->slow, "answered",
	                 (json_int_t)osd->answered, "errors", (json_int_t)osd->errors, "lost", (json_int_t)osd->lost, "median_ns",
	                 number_or_null(osd->median_ns), "p99_ns", number_or_null(osd->p99_ns), "others_median_ns",
	                 number_or_null(osd->others_ns), "slow_vms", (json_int_t)osd->slow_vms, "vms", vms_json(osd), "histogram",
	                 histogram_json(osd));
}

int osds_print_json(const struct osds *osds, FILE *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < osds->count; i++)
		json_array_append_new(list, osd_json(&osds->list[i]));
	return json_print(json_pack("{ss ss so so s{sI si si} sI so}", "schema", "fenceline/osds/1", "from",
	                            osds->live       ? "status-pages"
	                            : osds->added_up ? "store"
	                                             : "inputs",
	                            "begin_ns", json_time(osds->begin_ns), "end_ns", json_time(osds->end_ns), "rule", "floor_ns",
	                            (json_int_t)OSDS_FLOOR_NS, "factor", OSDS_FACTOR, "vms", OSDS_VMS, "unplaced",
	                            (json_int_t)osds->unplaced, "osds", list),
	                  out);
}
