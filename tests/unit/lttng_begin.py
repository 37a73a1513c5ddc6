# SPDX-License-Identifier: MIT
"""A client of the fake librados under the shim, for lttng_begin.sh. usage: lttng_begin.py [filter] [load LIBRARY] [fork N] [sleep S]

filter: a seccomp filter that ends the process for fork(), vfork(), execve() and a clone() that makes no thread, as QEMU's
spawn=deny does. Prints `created MS`, the milliseconds that rados_create took, and `provider` if it is loaded then; `loaded` after
load; `forked MS` for each fork: from before it to the child's first step. Ends with `alive`.
"""
import ctypes
import os
import struct
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)


def filter_spawn():
    def op(code, jt, jf, k):
        return struct.pack("HBBI", code, jt, jf, k)

    load, equal, masked, ret = 0x20, 0x15, 0x45, 0x06
    program = [op(load, 0, 0, 0),
               op(equal, 9, 0, 435),  # clone3: not there, so that glibc takes clone
               op(equal, 6, 0, 57),
               op(equal, 5, 0, 58),
               op(equal, 4, 0, 59),
               op(equal, 0, 2, 56),
               op(load, 0, 0, 16),
               op(masked, 0, 1, 0x10000),  # CLONE_THREAD
               op(ret, 0, 0, 0x7fff0000),  # allowed
               op(ret, 0, 0, 0x80000000),  # ends the process
               op(ret, 0, 0, 0x80000000),
               op(ret, 0, 0, 0x00050000 | 38)]  # ENOSYS
    code = ctypes.create_string_buffer(b"".join(program))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    libc.prctl(38, 1, 0, 0, 0)
    assert libc.prctl(22, 2, ctypes.byref(Program(len(program), ctypes.addressof(code))), 0, 0) == 0, "no seccomp"


words = iter(sys.argv[1:])
ctypes.CDLL("librados.so.2")
if sys.argv[1:2] == ["filter"]:
    next(words)
    filter_spawn()
cluster = ctypes.c_void_p()
begin = time.monotonic()
assert ctypes.CDLL(None).rados_create(ctypes.byref(cluster), None) == 0
print("created %d" % ((time.monotonic() - begin) * 1000))
if "libfenceline-ust" in open("/proc/self/maps").read():
    print("provider")
for word in words:
    argument = next(words)
    if word == "load":
        ctypes.CDLL(argument)
        print("loaded")
    elif word == "sleep":
        time.sleep(float(argument))
    elif word == "fork":
        for i in range(int(argument)):
            into, out = os.pipe()
            begin = time.monotonic()
            child = os.fork()
            if child == 0:
                os.write(out, b"x")
                os._exit(0)
            os.read(into, 1)
            print("forked %d" % ((time.monotonic() - begin) * 1000))
            os.close(into), os.close(out)
            os.waitpid(child, 0)
print("alive")
