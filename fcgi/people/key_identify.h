#ifndef PEOPLE_KEY_IDENTIFY_H
#define PEOPLE_KEY_IDENTIFY_H

#include "people/people.h"

/* A key of the API as a program sends it: this, and 43 characters of base64url. */
#define KEY_BEGINS "rfk_"

/* Whether a bearer token means to be one. */
bool key_is(struct str token);
/* Sets r->who where it is one, on the API; 429 where too many wrong ones came from the address. */
const struct err *key_identify(struct req *r, struct str token) must_check;

#endif
