#ifndef INCLUDED_IMATH_CONFIG_H
#define INCLUDED_IMATH_CONFIG_H

/* OpenEXR's core library asks for Imath's version and goes without Imath where none is stated. */

#endif
