#ifndef KIT_HUB_RECORDS_H
#define KIT_HUB_RECORDS_H

#include <stddef.h>

#include "kit/base/str.h"

/*
 * Reads the opening of one FastCGI request: BEGIN_REQUEST, then PARAMS up to the empty record.
 * Bytes may come in any pieces.  It is strict where libfcgi is not: a connection that ends early is
 * never complete, and a request without the parameter RF_END=1, which nginx sends last of its own,
 * is refused.
 */
#define RECORDS_MAX 16384 /* bytes of parameters */

enum records_outcome { RECORDS_MORE, RECORDS_DONE, RECORDS_REFUSED };

struct records;

struct records *records_new(void);
void records_free(struct records *r); /* NULL is fine */
/* What comes after the parameters is not looked at; a request once done or refused stays so. */
enum records_outcome records_take(struct records *r, const void *bytes, size_t n);
/* Of a request that is done. */
unsigned records_id(const struct records *r);
/* None where it is absent, or there more than once.  Lives as long as r. */
struct str records_param(const struct records *r, struct str name);

#endif
