#ifndef INCLUDED_OPENEXR_INTERNAL_CONFIG_H
#define INCLUDED_OPENEXR_INTERNAL_CONFIG_H

/* What OpenEXR's own build would generate for itself: it uses the libdeflate and zstd that come with its sources. */

#define OPENEXR_USE_INTERNAL_DEFLATE 1
#define OPENEXR_USE_INTERNAL_ZSTD 1
#if defined(__x86_64__)
#define OPENEXR_IMF_HAVE_GCC_INLINE_ASM_AVX 1
#endif

#endif
