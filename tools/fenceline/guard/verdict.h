/* SPDX-License-Identifier: MIT */
/* Would taking the lock now fence a VM? One table, from the facts of a look to the verdict and its reason. */
#ifndef FENCELINE_GUARD_VERDICT_H
#define FENCELINE_GUARD_VERDICT_H

#include "guard/look.h"

/* Verdict, its name, the exit code, and how much it weighs among those of several images. */
#define VERDICTS(V) \
	V(SAFE, "safe", 0, 0) \
	V(OWNER_DEAD, "owner-dead", 6, 1) \
	V(WAIT, "wait", 4, 2) \
	V(CANNOT_TELL, "cannot-tell", 7, 3) \
	V(WOULD_FENCE, "would-fence", 5, 4)
enum verdict {
#define VERDICT_ID(id, name, code, weight) VERDICT_##id,
	VERDICTS(VERDICT_ID)
#undef VERDICT_ID
};

struct judgement {
	enum verdict verdict;
	const char *rule; /* the row's name, for programs: stable */
	char text[900];   /* the reason, in a sentence or two; names in it are raw */
};

void judge(const struct look *look, struct judgement *judgement);
const char *verdict_name(enum verdict verdict);
/* 0, 4, 5, 6, 7. */
int verdict_exit_code(enum verdict verdict);
/* The weightier of the two. */
enum verdict verdict_worse(enum verdict a, enum verdict b);
/* Does it make sense to look again later? */
bool verdict_may_change(const struct judgement *judgement, const struct look *look);

#endif
