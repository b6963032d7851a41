#ifndef KIT_QR_QR_H
#define KIT_QR_QR_H

#include "kit/base/err.h"
#include "kit/base/shape.h"

struct arena;

/*
 * The text as a QR code: an <svg> to stand in a page, black on a white ground of its own, so that
 * cameras read it in every colour scheme, with the margin that they need.  `name` is what is read
 * out in its place.
 */
const struct err *qr_svg(struct arena *a, struct str text, struct str name,
			 struct html *ret) must_check;

#endif
