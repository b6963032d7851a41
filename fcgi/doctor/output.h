#ifndef DOCTOR_OUTPUT_H
#define DOCTOR_OUTPUT_H

#include "kit/base/err.h"

#define OUTPUT_NO_SUCH 127

/* Runs a program to its end, without a shell and without input, and keeps the first megabyte of all
 * that it says.  *status: its exit status; OUTPUT_NO_SUCH where there is no such program, 128 where
 * a signal ended it. */
const struct err *output_of(struct arena *a, const char *const *argv, struct str *said,
			    int *status) must_check;

#endif
