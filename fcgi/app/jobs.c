/* The jobs program. */
#include "app/main.h"

int jobs_main(const struct settings *settings)
{
	(void)settings;
	return 1;
}
