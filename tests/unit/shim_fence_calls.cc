// SPDX-License-Identifier: MIT
// The C++ twins of shim_fence_calls.c: shim_fence_calls_cpp CALL ADDRESS|IMAGE, built likewise with FENCE_VERB.
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <list>
#include <rados/librados.hpp>
#include <rbd/librbd.hpp>
#include <string>

#define PASTE(verb, end) verb##end
#define VERB(verb, end)  PASTE(verb, end)
#define QUOTE(verb)      #verb
#define TEXT(verb)       QUOTE(verb)

static int lock_break(librbd::Image &image)
{
	rbd_lock_mode_t mode;
	std::list<std::string> owners;
	int result = image.lock_get_owners(&mode, &owners);

	return result < 0 ? result : image.lock_break(mode, owners.front());
}

static int break_lock(librbd::Image &image)
{
	std::list<librbd::locker_t> lockers;
	bool exclusive;
	std::string tag;
	int result = image.list_lockers(&lockers, &exclusive, &tag);

	if (result < 0 || lockers.empty())
		return -ENOENT;
	return image.break_lock(lockers.front().client, lockers.front().cookie);
}

static int on_image(librados::Rados &cluster, const std::string &name, int (*call)(librbd::Image &))
{
	const char *pool = std::getenv("FENCE_POOL");
	librados::IoCtx ioctx;
	librbd::RBD rbd;
	librbd::Image image;
	int result = cluster.ioctx_create(pool ? pool : "rbd", ioctx);

	if (result == 0)
		result = rbd.open(ioctx, image, name.c_str());
	return result < 0 ? result : call(image);
}

static int mon_command(librados::Rados &cluster, const std::string &address)
{
	librados::bufferlist input, output;
	std::string status;

	return cluster.mon_command(
	        "{\"prefix\": \"osd " TEXT(FENCE_VERB) "\", \"" TEXT(FENCE_VERB) "op\": \"add\", \"addr\": \"" + address + "\"}",
	        input, &output, &status);
}

static int run(librados::Rados &cluster, const std::string &call, const std::string &what)
{
	if (call == TEXT(FENCE_VERB) "_add")
		return cluster.VERB(FENCE_VERB, _add)(what, 60);
	if (call == "mon_command")
		return mon_command(cluster, what);
	if (call == "lock_break")
		return on_image(cluster, what, lock_break);
	if (call == "break_lock")
		return on_image(cluster, what, break_lock);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	librados::Rados cluster;
	int result;

	if (argc != 3 || cluster.init(std::getenv("FENCE_USER")) < 0)
		return 2;
	cluster.conf_read_file(nullptr);
	result = cluster.connect();
	if (result == 0)
		result = run(cluster, argv[1], argv[2]);
	cluster.shutdown();
	if (result < 0)
		std::cerr << argv[1] << " " << argv[2] << ": " << std::strerror(-result) << std::endl;
	return result < 0;
}
