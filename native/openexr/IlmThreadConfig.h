#ifndef INCLUDED_ILMTHREAD_CONFIG_H
#define INCLUDED_ILMTHREAD_CONFIG_H

/* OpenEXR's tables are made once, whichever thread asks first. */
#define ILMTHREAD_THREADING_ENABLED 1

#endif
