/* SPDX-License-Identifier: MIT */
#include "guard/cluster.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The cluster's own limits: most calls end by themselves within them. The caller's deadline ends the rest. */
static void set_timeouts(struct cluster *cluster)
{
	static const char *const options[] = { "client_mount_timeout", "rados_mon_op_timeout", "rados_osd_op_timeout" };
	char seconds[32];

	snprintf(seconds, sizeof seconds, "%lld", (long long)((cluster->options.timeout_ns + 999999999) / 1000000000));
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		cluster->calls.rados_conf_set(cluster->handle, options[i], seconds);
	/* librados' own lines would stand between ours. The error and the client's log say the same. */
	cluster->calls.rados_conf_set(cluster->handle, "log_to_stderr", "false");
	cluster->calls.rados_conf_set(cluster->handle, "err_to_stderr", "false");
	cluster->calls.rados_conf_set(cluster->handle, "admin_socket", "");
}

static int configure(struct cluster *cluster, struct fault *fault)
{
	const struct cluster_options *options = &cluster->options;
	int status = cluster->calls.rados_create(&cluster->handle, options->id);

	if (status)
		return fault_tell(fault, FAULT_SETUP, status, "librados gives no client of the name client.%s",
		                  options->id ? options->id : "admin");
	status = cluster->calls.rados_conf_read_file(cluster->handle, options->conf);
	if (status && options->conf)
		return fault_tell(fault, FAULT_SETUP, status, "cannot read the conf file %s", options->conf);
	/* Without a file, CEPH_ARGS may say all that is needed. */
	cluster->calls.rados_conf_parse_env(cluster->handle, NULL);
	set_timeouts(cluster);
	return 0;
}

static int tell_no_connection(struct cluster *cluster, int status, struct fault *fault)
{
	char monitors[200] = "", keyring[200] = "";

	cluster->calls.rados_conf_get(cluster->handle, "mon_host", monitors, sizeof monitors);
	cluster->calls.rados_conf_get(cluster->handle, "keyring", keyring, sizeof keyring);
	if (!*monitors && status == -ENOENT)
		return fault_tell(fault, FAULT_SETUP, status,
		                  "no monitors are known: no mon_host in %s; --conf FILE names the cluster's",
		                  cluster->options.conf ? cluster->options.conf : "Ceph's conf file, if there is one");
	if (status == -ENOENT)
		return fault_tell(fault, FAULT_CAPS, status, "no key for %s in its keyring (%s)", cluster->user, keyring);
	if (status == -EACCES || status == -EPERM)
		return fault_tell(fault, FAULT_CAPS, status,
		                  "the monitors refuse %s: its key is not theirs, or it lacks mon 'profile rbd-read-only'",
		                  cluster->user);
	return fault_tell(fault, FAULT_CLUSTER, status, "the monitors (%s) do not answer", monitors);
}

int cluster_connect(struct cluster *cluster, const struct cluster_options *options, struct fault *fault)
{
	char why[400];
	int status;

	cluster->options = *options;
	snprintf(cluster->user, sizeof cluster->user, "client.%s", options->id ? options->id : "admin");
	if (!cluster->calls.librados && ceph_calls_open(&cluster->calls, why, sizeof why))
		return fault_tell(fault, FAULT_SETUP, 0, "%s", why);
	status = configure(cluster, fault);
	if (status)
		return status;
	cluster->doing = "connecting to the monitors";
	status = cluster->calls.rados_connect(cluster->handle);
	if (status)
		return tell_no_connection(cluster, status, fault);
	cluster->calls.rados_cluster_fsid(cluster->handle, cluster->fsid, sizeof cluster->fsid);
	return 0;
}

void cluster_close(struct cluster *cluster)
{
	cluster->doing = "leaving the cluster";
	if (cluster->handle)
		cluster->calls.rados_shutdown(cluster->handle);
	cluster->handle = NULL;
}

int cluster_command(struct cluster *cluster, bool to_manager, const char *json, const char *doing, char **out, size_t *size)
{
	char *status_text = NULL;
	size_t status_size = 0;
	int status;

	*out = NULL;
	*size = 0;
	cluster->doing = doing;
	status = (to_manager ? cluster->calls.rados_mgr_command : cluster->calls.rados_mon_command)(
	        cluster->handle, &json, 1, "", 0, out, size, &status_text, &status_size);
	cluster_free_answer(cluster, status_text);
	return status;
}

void cluster_free_answer(struct cluster *cluster, char *out)
{
	if (out)
		cluster->calls.rados_buffer_free(out);
}
