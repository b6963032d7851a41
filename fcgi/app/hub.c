/* The hub program. */
#include "app/main.h"
int hub_main(const struct settings *settings) { (void)settings; return 1; }
int jobs_main(const struct settings *settings) { (void)settings; return 1; }
