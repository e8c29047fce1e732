#ifndef LIBRARY_H
#define LIBRARY_H

/* Functions that are called from outside; all else stays hidden. */
#define EXPORTED __attribute__((visibility("default")))

/*
 * Loops that gain from wide registers are compiled twice, and the machine's own kind is chosen when the library is loaded.
 */
#if defined(__x86_64__) && !defined(NARROW)
#define WIDE __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

EXPORTED int library_interface(void);

/*
 * What is freed is kept for the next picture, up to KEPT_BYTES, in place of being given back to the system and cleared by it
 * again: called once in a process that makes many pictures. Larger pieces are always given back.
 */
EXPORTED void library_keep_memory(void);
EXPORTED const char *library_compiler(void);

/* What it stands on, each as name and version, behind one another with a newline after each; of that, `capacity` bytes. */
EXPORTED void library_parts(char *text, int capacity);

#endif
