#ifndef INCLUDED_OPENEXR_CONFIG_H
#define INCLUDED_OPENEXR_CONFIG_H

/* What OpenEXR's own build would generate, for its core library inside a library that shows none of its symbols. */

#include "openexr_version.h"

#define OPENEXR_PACKAGE_STRING "OpenEXR"
#define OPENEXR_VERSION_EXTRA ""

#define OPENEXR_EXPORT
#define OPENEXR_HIDDEN
#define OPENEXR_EXPORT_TYPE
#define OPENEXR_EXPORT_EXTERN_TEMPLATE
#define OPENEXR_EXPORT_ENUM
#define OPENEXR_EXPORT_TEMPLATE_TYPE
#define OPENEXR_EXPORT_TEMPLATE_INSTANCE
#define OPENEXR_DEPRECATED(message) __attribute__((deprecated(message)))

#endif
