#ifndef DOCTOR_STORE_H
#define DOCTOR_STORE_H

#include "doctor/doctor.h"

/* The doctor's statements; private to the room. */

struct line {
	struct str text;
};

struct moment {
	struct instant at;
};

/* Those that a database without our schema can answer, and the others. */
extern const struct sql *const *const doctor_catalogue[], *const *const doctor_tables[];
extern const struct sql *const doctor_roles_missing,
	*const doctor_roles_mighty,
		*const doctor_roles_owning,
			*const doctor_walls,
				*const doctor_doors,
					*const doctor_indexes,
						*const doctor_unsafe,
							*const doctor_checksums,
								*const doctor_stuck,
									*const doctor_unsealed,
										*const doctor_dead;

void doctor_connections(struct tx *t, int64_t wanted, struct list *ret);
void doctor_clock(struct tx *t, struct moment **ret);
void doctor_chores_late(struct tx *t, struct list names, struct list seconds, struct list *ret);

#endif
