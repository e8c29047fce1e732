/* What the library says of itself. */

#include "library.h"

#define STRINGIFIED(text) #text
#define STRING(text) STRINGIFIED(text)

/* Raised with every change of a function that is called from outside, so that an older build is not called wrongly. */
#define INTERFACE_NUMBER 1

int library_interface(void) { return INTERFACE_NUMBER; }

const char *library_compiler(void) { return "gcc " STRING(__GNUC__) "." STRING(__GNUC_MINOR__); }
