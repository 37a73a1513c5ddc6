# SPDX-License-Identifier: MIT
"""Compares each wrapper of the shim with the declaration in Ceph's own headers, both as their compilers put them down in DWARF.

usage: signatures.py MAJOR TABLE.H LIBFENCELINE.SO C-HEADERS.O C++-HEADERS.O      MAJOR: the headers' release of Ceph

A type is boiled down to what a call passes: an integer's size, a pointer's target as far as both sides name one, a callback's
own arguments. Of a C++ object the class decides whether the wrapper may take its first word.
"""
import re
import sys

from elftools.elf.elffile import ELFFile

ANYTHING = object()
# What a wrapper must call a pointer or a reference to an object of this class: the first word of the first four is the C API's
# handle; librbd's completion is that handle itself; a std::string is read. All others are passed on, under any name.
WORD_FIRST = ("ptr", ("ptr", ("void",)))
CLASSES = {
    "librados::Rados": WORD_FIRST, "librados::IoCtx": WORD_FIRST, "librados::AioCompletion": WORD_FIRST, "librbd::Image": WORD_FIRST,
    "librbd::RBD::AioCompletion": ("ptr", ("void",)),
    "string": ("ptr", ("text",)),
}
NOT_PUBLIC = {"MonClient_send_command"}  # libceph-common's own: in no header that is installed


class Debug:
    """The functions of an object file by name, and for methods by linkage name: those that it defines, or also the declared."""

    def __init__(self, path, declared):
        self.file = open(path, "rb")
        self.declared = declared
        self.functions, self.callbacks = {}, {}
        for unit in ELFFile(self.file).get_dwarf_info().iter_CUs():
            self.walk(unit.get_top_DIE())

    def walk(self, parent):
        for die in parent.iter_children():
            if die.tag == "DW_TAG_subprogram" and (self.declared or "DW_AT_declaration" not in die.attributes):
                for key in ("DW_AT_linkage_name", "DW_AT_name"):
                    if key in die.attributes:
                        self.functions.setdefault(text(die, key), die)
            elif die.tag == "DW_TAG_variable" and text(die, "DW_AT_name").startswith("pointer_to_"):
                pointer = strip(target(die))
                self.functions.setdefault(text(die, "DW_AT_name")[len("pointer_to_"):], target(pointer))
            elif die.tag in ("DW_TAG_namespace", "DW_TAG_class_type", "DW_TAG_structure_type"):
                self.walk(die)


def text(die, key):
    return die.attributes[key].value.decode() if key in die.attributes else ""


def target(die):
    return die.get_DIE_from_attribute("DW_AT_type") if "DW_AT_type" in die.attributes else None


def strip(die):
    while die is not None and die.tag in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_restrict_type", "DW_TAG_volatile_type"):
        die = target(die)
    return die


def class_name(die):
    name, at = [], die
    while at is not None and at.tag != "DW_TAG_compile_unit":
        if not re.match(r"v\d+_\d+_\d+$|__cxx11$", text(at, "DW_AT_name")):
            name.insert(0, text(at, "DW_AT_name"))
        at = at.get_parent()
    name = "::".join(name)
    return "string" if name.startswith("std::basic_string<char,") else name


def passed(die):
    """What is passed for a parameter of this type."""
    die = strip(die)
    if die is None:
        return ("void",)
    if die.tag in ("DW_TAG_pointer_type", "DW_TAG_reference_type"):
        to = strip(target(die))
        if to is not None and (to.tag == "DW_TAG_class_type" or class_name(to) in CLASSES):
            return CLASSES.get(class_name(to), ("ptr", ANYTHING))
        return ("ptr", passed(to))
    if die.tag == "DW_TAG_class_type":  # one with a destructor goes by the address of the caller's copy
        return ("ptr", ANYTHING)
    if die.tag == "DW_TAG_structure_type":
        return ("text",) if text(die, "DW_AT_name") == "std_string" else ("struct",)
    if die.tag == "DW_TAG_subroutine_type":
        return ("function", signature(die))
    size = die.attributes["DW_AT_byte_size"].value
    return ("int", size) if size > 1 else ("byte",)


def signature(die):
    """(result, parameters...) of a function or of the type of one."""
    parameters = [p for p in die.iter_children() if p.tag == "DW_TAG_formal_parameter"]
    hidden = [p for p in parameters[1:] if "DW_AT_artificial" in p.attributes]  # a destructor's, which its symbols do not take
    return (passed(target(die)), *(passed(target(p)) for p in parameters if p not in hidden))


def agrees(real, ours):
    if real is ANYTHING or ours is ANYTHING:
        return True
    if real == ("text",):  # a std::string by the shim's own struct of its first two words, or by the first alone
        return ours in (("text",), ("ptr", ("byte",)))
    if real[0] == ours[0] == "ptr" and ("void",) in (real[1], ours[1]):
        other = ours[1] if real[1] == ("void",) else real[1]  # a handle by any name, but a word is no object
        return other is ANYTHING or other[0] != "ptr"
    if real[0] != ours[0] or len(real) != len(ours):
        return False
    return all(agrees(r, o) if isinstance(r, tuple) or r is ANYTHING or o is ANYTHING else r == o
               for r, o in zip(real, ours)) if real[0] != "function" else same_call(real[1], ours[1])


def same_call(real, ours):
    return len(real) == len(ours) and all(agrees(r, o) for r, o in zip(real, ours))


def shown(call):
    def one(t):
        if t is ANYTHING:
            return "object"
        return {"int": lambda: f"int{8 * t[1]}", "ptr": lambda: one(t[1]) + "*",
                "function": lambda: "(" + shown(t[1]) + ")"}.get(t[0], lambda: t[0])()
    return f"{one(call[0])} ({', '.join(map(one, call[1:]))})"


def main():
    major, table, shim_path, *headers = sys.argv[1:]
    major = int(major)
    rows = re.findall(r'^[A-Z_]*ROW\((\w+), "(\w+)", \w+, \w+, (\d+), (\d+)[,)]', open(table).read(), re.M)
    shim = Debug(shim_path, False).functions
    real = {}
    for path in headers:
        real = Debug(path, True).functions | real
    compared, wrong = 0, 0
    for row, symbol, first, last in rows:
        declared = real.get(symbol) or real.get(re.sub(r"([CD])[12]E", r"\g<1>4E", symbol))
        expected = int(first) <= major and (last == "0" or major <= int(last)) and row not in NOT_PUBLIC
        if declared is None and expected:
            wrong += 1
            print(f"FAIL: {row}: in no header of Ceph {major}: {symbol}")
        if declared is None:
            continue
        compared += 1
        theirs, ours = signature(declared), signature(shim[row])
        if not same_call(theirs, ours):
            wrong += 1
            print(f"FAIL: {row}: Ceph {major} declares {shown(theirs)}, the wrapper is {shown(ours)}: {symbol}")
    print(f"Ceph {major}: {compared} wrappers compared with its headers, {wrong} wrong")
    return 1 if wrong or compared == 0 else 0


sys.exit(main())
