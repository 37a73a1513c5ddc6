/* SPDX-License-Identifier: MIT */
/*
 * The calls of librados' and librbd's public C API that this program makes, and the libraries they are found in at run time: the
 * host's release, 14 to 20, decides, not the one this was built with. Declared here, since the headers are of one release;
 * tests/unit/guard_calls.sh holds each declaration to Ceph's own of the release at hand.
 */
#ifndef FENCELINE_GUARD_CEPH_CALLS_H
#define FENCELINE_GUARD_CEPH_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* rados_t, rados_ioctx_t, rados_completion_t and rbd_image_t are pointers to nothing that a caller may look into. */
typedef void (*ceph_callback)(void *completion, void *arg);

struct ceph_watcher {  /* rbd_image_watcher_t */
	char *address; /* ip:0/nonce */
	int64_t id;    /* the client's global id */
	uint64_t cookie;
};
struct ceph_group { /* rbd_group_info_t */
	char *name; /* "" if it is in none */
	int64_t pool;
};
struct ceph_mirror { /* rbd_mirror_image_info_t */
	char *global_id;
	int state; /* 0 disabling, 1 enabled, 2 disabled */
	_Bool primary;
};

#define RADOS_CALLS(C) \
	C(int, rados_create, (void **cluster, const char *id)) \
	C(int, rados_conf_read_file, (void *cluster, const char *path)) \
	C(int, rados_conf_parse_env, (void *cluster, const char *variable)) \
	C(int, rados_conf_set, (void *cluster, const char *option, const char *value)) \
	C(int, rados_conf_get, (void *cluster, const char *option, char *buf, size_t size)) \
	C(int, rados_connect, (void *cluster)) \
	C(void, rados_shutdown, (void *cluster)) \
	C(int, rados_cluster_fsid, (void *cluster, char *buf, size_t size)) \
	C(int, rados_ioctx_create, (void *cluster, const char *pool, void **io)) \
	C(void, rados_ioctx_set_namespace, (void *io, const char *nspace)) \
	C(void, rados_ioctx_destroy, (void *io)) \
	C(ssize_t, rados_list_lockers, \
	  (void *io, const char *object, const char *name, int *exclusive, char *tag, size_t *tag_size, char *clients, \
	   size_t *clients_size, char *cookies, size_t *cookies_size, char *addresses, size_t *addresses_size)) \
	C(int, rados_mon_command, \
	  (void *cluster, const char **command, size_t count, const char *in, size_t in_size, char **out, size_t *out_size, \
	   char **status, size_t *status_size)) \
	C(int, rados_mgr_command, \
	  (void *cluster, const char **command, size_t count, const char *in, size_t in_size, char **out, size_t *out_size, \
	   char **status, size_t *status_size)) \
	C(void, rados_buffer_free, (char *buf)) \
	C(int, rados_aio_create_completion, (void *arg, ceph_callback complete, ceph_callback safe, void **completion)) \
	C(int, rados_aio_get_return_value, (void *completion)) \
	C(void, rados_aio_release, (void *completion)) \
	C(int, rados_aio_notify, \
	  (void *io, const char *object, void *completion, const char *payload, int size, uint64_t timeout_ms, char **reply, \
	   size_t *reply_size))

/* rbd_watchers_list takes an array of rbd_image_watcher_t, rbd_get_group and rbd_mirror_image_get_info a structure each: those
 * above. */
#define RBD_CALLS(C) \
	C(int, rbd_open_read_only, (void *io, const char *name, void **image, const char *snap)) \
	C(int, rbd_close, (void *image)) \
	C(int, rbd_get_id, (void *image, char *id, size_t size)) \
	C(int, rbd_get_features, (void *image, uint64_t *features)) \
	C(int, rbd_namespace_exists, (void *io, const char *nspace, _Bool *exists)) \
	C(int, rbd_break_lock, (void *image, const char *client, const char *cookie)) \
	C(int, rbd_watchers_list, (void *image, struct ceph_watcher *watchers, size_t *count)) \
	C(void, rbd_watchers_list_cleanup, (struct ceph_watcher * watchers, size_t count)) \
	C(int, rbd_get_group, (void *image, struct ceph_group *group, size_t size)) \
	C(int, rbd_group_info_cleanup, (struct ceph_group * group, size_t size)) \
	C(int, rbd_mirror_image_get_info, (void *image, struct ceph_mirror *mirror, size_t size))
/* NULL where the library has none: 14, whose caller frees the text itself. */
#define RBD_OPTIONAL_CALLS(C) C(void, rbd_mirror_image_get_info_cleanup, (struct ceph_mirror * mirror))

/*
 * The C API lists watchers without their timeouts; librados' C++ does not hide them. librados::IoCtx is one pointer, the
 * rados_ioctx_t; the object's name is a std::string, the list a std::list<obj_watch_t> (rados/rados_types.hpp): watch_list.c. NULL
 * where the library has none, or no operator delete of its own.
 */
struct ceph_string { /* std::string: a text of up to 15 bytes lies inside, any may lie outside */
	const char *text;
	size_t length;
	char inside[16];
};
#define CEPH_LIST_WATCHERS \
	"_ZN8librados7v14_2_05IoCtx13list_watchersERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEPNS2_4listI11obj_watch_" \
	"tSaISB_EEE"
#define CEPH_DELETE "_ZdlPv"

struct ceph_calls {
	void *librados, *librbd; /* of dlopen */
#define CEPH_CALL_POINTER(type, name, arguments) type(*name) arguments;
	RADOS_CALLS(CEPH_CALL_POINTER)
	RBD_CALLS(CEPH_CALL_POINTER)
	RBD_OPTIONAL_CALLS(CEPH_CALL_POINTER)
#undef CEPH_CALL_POINTER
	int (*list_watchers)(void **io, const struct ceph_string *object, void *list);
	void (*delete)(void *memory);
};

/* Opens both libraries and finds every call. 0, or -ENOENT with the reason in why. They stay open until the process ends: their
 * threads do. */
int ceph_calls_open(struct ceph_calls *calls, char *why, size_t size);

#endif
