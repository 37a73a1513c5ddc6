/* SPDX-License-Identifier: MIT */
#include "guard/image.h"
#include "guard/cluster.h"
#include "run/now.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OSD_READ_CAPS "osd 'profile rbd-read-only pool=%s' (or 'allow r pool=%s, allow class-read pool=%s')"

static const char *osd_read_caps(const struct open_image *image, char *buf, size_t size)
{
	const char *pool = image->spec.pool;

	snprintf(buf, size, OSD_READ_CAPS, pool, pool, pool);
	return buf;
}

bool image_spec_parse(const char *text, struct image_spec *spec, const char **why)
{
	const char *first = strchr(text, '/'), *second = first ? strchr(first + 1, '/') : NULL, *name;

	*why = "it names no pool";
	if (!first)
		return false;
	*why = "it is no POOL/IMAGE and no POOL/NAMESPACE/IMAGE";
	name = (second ? second : first) + 1;
	if (first == text || !*name || strchr(name, '/') || (second && second == first + 1))
		return false;
	*why = "it is a snapshot, not an image";
	if (strchr(name, '@'))
		return false;
	*why = "it is too long";
	if (first - text >= IMAGE_NAME || (second && second - first > IMAGE_NAME) || strlen(name) >= IMAGE_NAME)
		return false;
	memset(spec, 0, sizeof *spec);
	memcpy(spec->pool, text, (size_t)(first - text));
	if (second)
		memcpy(spec->nspace, first + 1, (size_t)(second - first - 1));
	strcpy(spec->name, name);
	return true;
}

char *image_spec_text(const struct image_spec *spec, char buf[IMAGE_SPEC])
{
	snprintf(buf, IMAGE_SPEC, "%s%s%s/%s", spec->pool, *spec->nspace ? "/" : "", spec->nspace, spec->name);
	return buf;
}

static int open_pool(struct open_image *image, struct fault *fault)
{
	struct cluster *cluster = image->cluster;
	bool exists = true;
	int status;

	cluster->doing = "looking for the pool";
	status = cluster->calls.rados_ioctx_create(cluster->handle, image->spec.pool, &image->io);
	if (status == -ENOENT)
		return fault_tell(fault, FAULT_INPUT, status, "no pool %s", image->spec.pool);
	if (status)
		return fault_of_call(fault, status, cluster->user, "open the pool", "mon 'profile rbd-read-only'");
	if (!*image->spec.nspace)
		return 0;
	/* Asked before the namespace is entered: the pool's default namespace has the list. A user who may not read it learns
	 * from the image whether there is such a namespace. */
	cluster->doing = "looking for the namespace";
	if (!cluster->calls.rbd_namespace_exists(image->io, image->spec.nspace, &exists) && !exists)
		return fault_tell(fault, FAULT_INPUT, -ENOENT, "no namespace %s in pool %s", image->spec.nspace,
		                  image->spec.pool);
	cluster->calls.rados_ioctx_set_namespace(image->io, image->spec.nspace);
	return 0;
}

/* What a snapshot may concern besides the image itself; only told, so a refusal is no failure. */
static void read_relations(struct open_image *image)
{
	const struct ceph_calls *calls = &image->cluster->calls;
	struct ceph_group group = { 0 };
	struct ceph_mirror mirror = { 0 };

	image->cluster->doing = "asking for the image's group";
	if (!calls->rbd_get_group(image->rbd, &group, sizeof group)) {
		snprintf(image->group, sizeof image->group, "%s", group.name ? group.name : "");
		calls->rbd_group_info_cleanup(&group, sizeof group);
	}
	image->cluster->doing = "asking for the image's mirroring";
	if (!calls->rbd_mirror_image_get_info(image->rbd, &mirror, sizeof mirror)) {
		image->mirrored = mirror.state == 1;
		image->primary = mirror.primary;
		if (calls->rbd_mirror_image_get_info_cleanup)
			calls->rbd_mirror_image_get_info_cleanup(&mirror);
		else
			free(mirror.global_id);
	}
}

int image_open(struct open_image *image, struct cluster *cluster, const struct image_spec *spec, struct fault *fault)
{
	char text[IMAGE_SPEC], caps[1024];
	int status;

	image->cluster = cluster;
	image->spec = *spec;
	status = open_pool(image, fault);
	if (status)
		return status;
	cluster->doing = "opening the image";
	status = cluster->calls.rbd_open_read_only(image->io, spec->name, &image->rbd, NULL);
	if (status == -ENOENT)
		return fault_tell(fault, FAULT_INPUT, status, "no image %s", image_spec_text(spec, text));
	if (status)
		return fault_of_call(fault, status, cluster->user, "open the image", osd_read_caps(image, caps, sizeof caps));
	status = cluster->calls.rbd_get_id(image->rbd, image->id, sizeof image->id);
	if (status == -EINVAL) { /* an image of format 1 has no id, no lock of this kind, and no features */
		image->features = 0;
		return 0;
	}
	if (!status)
		status = cluster->calls.rbd_get_features(image->rbd, &image->features);
	if (status)
		return fault_of_call(fault, status, cluster->user, "read the image's header",
		                     osd_read_caps(image, caps, sizeof caps));
	snprintf(image->header, sizeof image->header, "rbd_header.%s", image->id);
	read_relations(image);
	return 0;
}

void image_close(struct open_image *image)
{
	if (!image->cluster)
		return;
	image->cluster->doing = "closing the image";
	if (image->rbd)
		image->cluster->calls.rbd_close(image->rbd);
	if (image->io)
		image->cluster->calls.rados_ioctx_destroy(image->io);
	memset(image, 0, sizeof *image);
}

#define LIST_BUF 16384

static void fill_lock(struct lock *lock, const char *client, const char *cookie, const char *address)
{
	for (lock->shown = 0; lock->shown < lock->count && lock->shown < LOCKERS_MAX; lock->shown++) {
		struct locker *locker = &lock->lockers[lock->shown];
		snprintf(locker->client, sizeof locker->client, "%s", client);
		snprintf(locker->cookie, sizeof locker->cookie, "%s", cookie);
		snprintf(locker->address, sizeof locker->address, "%s", without_protocol(address));
		client += strlen(client) + 1;
		cookie += strlen(cookie) + 1;
		address += strlen(address) + 1;
	}
}

int image_lockers(struct open_image *image, struct lock *lock, struct fault *fault)
{
	size_t tag_size = sizeof lock->tag, clients = LIST_BUF, cookies = LIST_BUF, addresses = LIST_BUF;
	char *buf = calloc(3, LIST_BUF), caps[1024];
	int exclusive = 0;
	ssize_t count;

	if (!buf)
		return fault_tell(fault, FAULT_SETUP, -ENOMEM, "cannot list the lock's owners");
	memset(lock, 0, sizeof *lock);
	image->cluster->doing = "asking who holds the lock";
	count = image->cluster->calls.rados_list_lockers(image->io, image->header, "rbd_lock", &exclusive, lock->tag, &tag_size,
	                                                 buf, &clients, buf + LIST_BUF, &cookies, buf + 2 * LIST_BUF, &addresses);
	if (count > 0) {
		lock->exclusive = exclusive;
		lock->count = (size_t)count;
		fill_lock(lock, buf, buf + LIST_BUF, buf + 2 * LIST_BUF);
	}
	free(buf);
	if (count == -ENOENT)
		return fault_tell(fault, FAULT_INPUT, -ENOENT, "the image is gone: no %s any more", image->header);
	if (count < 0)
		return fault_of_call(fault, (int)count, image->cluster->user, "ask who holds the lock",
		                     osd_read_caps(image, caps, sizeof caps));
	return 0;
}

static int librbds_watchers(struct open_image *image, struct watchers *watchers)
{
	const struct ceph_calls *calls = &image->cluster->calls;
	struct ceph_watcher list[WATCHERS_MAX * 4] = { 0 };
	size_t count = sizeof list / sizeof *list;
	int status = calls->rbd_watchers_list(image->rbd, list, &count);

	if (status < 0)
		return status;
	watchers->count = count;
	for (size_t i = 0; i < count && i < WATCHERS_MAX; i++) {
		struct watcher *watcher = &watchers->list[watchers->shown++];
		snprintf(watcher->address, sizeof watcher->address, "%s", without_protocol(list[i].address));
		watcher->global_id = (uint64_t)list[i].id;
		watcher->cookie = list[i].cookie;
	}
	calls->rbd_watchers_list_cleanup(list, count);
	return 0;
}

int image_watchers(struct open_image *image, struct watchers *watchers, struct fault *fault)
{
	char caps[1024];
	int status;

	memset(watchers, 0, sizeof *watchers);
	image->cluster->doing = "listing the watchers";
	status = watch_list(&image->cluster->calls, image->io, image->header, watchers);
	if (status == -ENOSYS)
		status = librbds_watchers(image, watchers);
	return status < 0 ? fault_of_call(fault, status, image->cluster->user, "list the watchers",
	                                  osd_read_caps(image, caps, sizeof caps))
	                  : 0;
}

/* An answer that may never come is written here. Nobody shares it: who gives up waiting leaves it to the callback. */
struct question {
	pthread_mutex_t mutex;
	pthread_cond_t answered;
	bool done;
	char *reply;
	size_t reply_size;
};

static void image_answered(void *completion, void *arg)
{
	struct question *question = arg;

	(void)completion;
	pthread_mutex_lock(&question->mutex);
	question->done = true;
	pthread_cond_signal(&question->answered);
	pthread_mutex_unlock(&question->mutex);
}

static struct question *question_new(void)
{
	struct question *question = calloc(1, sizeof *question);
	pthread_condattr_t attributes;

	if (!question)
		return NULL;
	pthread_mutex_init(&question->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&question->answered, &attributes);
	pthread_condattr_destroy(&attributes);
	return question;
}

static void question_free(struct question *question)
{
	if (!question)
		return;
	pthread_mutex_destroy(&question->mutex);
	pthread_cond_destroy(&question->answered);
	free(question);
}

static bool question_wait(struct question *question, int64_t deadline_ns)
{
	struct timespec deadline = { deadline_ns / 1000000000, deadline_ns % 1000000000 };
	bool done;

	pthread_mutex_lock(&question->mutex);
	while (!question->done)
		if (pthread_cond_timedwait(&question->answered, &question->mutex, &deadline) == ETIMEDOUT)
			break;
	done = question->done;
	pthread_mutex_unlock(&question->mutex);
	return done;
}

static void read_reply(const struct question *question, int status, struct probe *probe)
{
	probe->took_ns = monotonic_ns() - probe->sent_ns;
	probe->all = !status;
	/* -110 has a reply, too: it names who did not answer. */
	if (!status || status == -ETIMEDOUT)
		probe->answer = notify_reply_of(question->reply, question->reply_size, probe->global_id, probe->cookie);
}

int image_probe(struct open_image *image, struct probe *probe, struct fault *fault)
{
	const struct ceph_calls *calls = &image->cluster->calls;
	struct question *question = question_new();
	void *completion = NULL;
	char caps[1024];
	int status = -ENOMEM;

	image->cluster->doing = "asking the lock's owner";
	probe->sent_ns = monotonic_ns();
	if (question)
		status = calls->rados_aio_create_completion(question, image_answered, NULL, &completion);
	if (!status)
		status = calls->rados_aio_notify(image->io, image->header, completion, notify_probe, sizeof notify_probe,
		                                 probe->timeout_s * UINT64_C(1000), &question->reply, &question->reply_size);
	if (!status) {
		if (!question_wait(question, probe->deadline_ns))
			/* The OSD itself is silent: the callback may still come, so nothing is freed. */
			return fault_tell(fault, FAULT_CLUSTER, -ETIMEDOUT,
			                  "cannot ask the lock's owner: the OSD does not answer");
		status = calls->rados_aio_get_return_value(completion);
		read_reply(question, status, probe);
		cluster_free_answer(image->cluster, question->reply);
	}
	if (completion)
		calls->rados_aio_release(completion);
	question_free(question);
	return status && status != -ETIMEDOUT ? fault_of_call(fault, status, image->cluster->user, "ask the lock's owner",
	                                                      osd_read_caps(image, caps, sizeof caps))
	                                      : 0;
}

int image_break_lock(struct open_image *image, const struct locker *locker, struct fault *fault)
{
	int status;

	image->cluster->doing = "breaking the lock";
	status = image->cluster->calls.rbd_break_lock(image->rbd, locker->client, locker->cookie);
	if (status == -ENOENT)
		return fault_tell(fault, FAULT_CLUSTER, status, "%s no longer holds the lock with this cookie", locker->client);
	if (status)
		return fault_of_call(fault, status, image->cluster->user, "fence the owner and break the lock",
		                     "mon 'profile rbd' (which may blocklist) and osd 'profile rbd' on the pool");
	return 0;
}
