/* SPDX-License-Identifier: MIT */
/*
 * A librados and librbd of which there can be several in one process: built once for each COPY (1, 2...). A handle remembers
 * the copy that made it, and each call answers with a number that tells which copy it reached, or -EBADF for a handle of
 * another one. An image is opened and closed by a thread of librbd's own, which asks librados, while the caller waits. With
 * MESSENGER, the calls of libceph-common that read and send, too.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef MESSENGER
int copy_commands_sent;
void mon_client_send_command(void *self, void *command) __asm__("_ZN9MonClient13_send_commandEPNS_10MonCommandE");
void mon_client_send_command(void *self, void *command)
{
	(void)self, (void)command;
	copy_commands_sent++;
}
const char *ceph_version_to_str(void) __asm__("_Z19ceph_version_to_strv");
const char *ceph_version_to_str(void)
{
	return "ceph version 16.2.15 (0) pacific (stable)";
}
#endif

#ifdef COPY
struct handle {
	int64_t count; /* as an IoCtxImpl begins */
	int copy;
	void *ioctx; /* an image's */
};
struct ioctx {
	int64_t count;
	struct handle *cluster;
};

int copy_execs; /* calls of ObjectOperation::exec, which tell nobody whether they arrive */

static int answer(const struct handle *handle)
{
	return handle->copy == COPY ? COPY : -EBADF;
}

static struct handle *made(void)
{
	struct handle *handle = calloc(1, sizeof *handle);

	handle->count = 1;
	handle->copy = COPY;
	return handle;
}

#define CALL(type, name, ...) \
	type name(__VA_ARGS__); \
	type name(__VA_ARGS__)

CALL(int, rados_create, void **cluster, const char *id)
{
	(void)id;
	*cluster = made();
	return 0;
}
CALL(int, rados_connect, struct handle *cluster)
{
	return answer(cluster);
}
CALL(void, rados_shutdown, struct handle *cluster)
{
	free(cluster);
}
CALL(uint64_t, rados_get_instance_id, struct handle *cluster)
{
	return answer(cluster) > 0 ? 4000 + COPY : 0;
}
CALL(int, rados_ioctx_create, struct handle *cluster, const char *pool, void **made_ioctx)
{
	struct ioctx *ioctx = calloc(1, sizeof *ioctx);

	(void)pool;
	ioctx->count = 1;
	ioctx->cluster = cluster;
	*made_ioctx = ioctx;
	return 0;
}
CALL(void *, rados_ioctx_get_cluster, struct ioctx *ioctx)
{
	return ioctx->cluster->copy == COPY ? ioctx->cluster : NULL;
}
CALL(int, rados_unwatch2, struct ioctx *ioctx, uint64_t cookie)
{
	(void)cookie;
	return answer(ioctx->cluster);
}
CALL(int, rados_mon_command, struct handle *cluster, const char **command, size_t strings, const char *input, size_t input_length,
     char **output, size_t *output_length, char **status, size_t *status_length)
{
	(void)command, (void)strings, (void)input, (void)input_length, (void)output, (void)output_length, (void)status,
	        (void)status_length;
	return answer(cluster);
}
void exec(void *self, const char *class_name, const char *method,
          void *input) __asm__("_ZN8librados7v14_2_015ObjectOperation4execEPKcS3_RN4ceph6buffer7v15_2_04listE");
void exec(void *self, const char *class_name, const char *method, void *input)
{
	(void)self, (void)class_name, (void)method, (void)input;
	copy_execs++;
}
static void *unwatch(void *ioctx)
{
	rados_unwatch2(ioctx, 1);
	return NULL;
}
static void unwatch_on_a_thread(void *ioctx)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, unwatch, ioctx))
		pthread_join(thread, NULL);
}
CALL(int, rbd_open, void *ioctx, const char *name, void **image, const char *snap)
{
	struct handle *handle = made();

	(void)name, (void)snap;
	handle->ioctx = ioctx;
	unwatch_on_a_thread(ioctx);
	*image = handle;
	return 0;
}
CALL(int, rbd_close, struct handle *image)
{
	int copy = answer(image);

	unwatch_on_a_thread(image->ioctx);
	free(image);
	return copy;
}
CALL(int, rbd_flush, struct handle *image)
{
	return answer(image);
}
#endif
