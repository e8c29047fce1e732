/* Undoing how ZIP and RLE pack, and halves to floats, with wide registers where the machine has them. */

#include "exr_split.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2,f16c")))
#endif

/* A difference of none is stored as this. */
#define NO_DIFFERENCE 128

static int is_wide(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
#else
  return 0;
#endif
}

static uint8_t sum_plain(const uint8_t *bytes, size_t count) {
  unsigned sum = 0;
  for (size_t at = 0; at < count; at++) sum += bytes[at];
  return (uint8_t)sum;
}

static void join_plain(split_bytes *from, size_t pairs, uint8_t *into) {
  uint8_t even = from->even_value, odd = from->odd_value;
  for (size_t at = 0; at < pairs; at++) {
    even = (uint8_t)(even + from->even[at] - NO_DIFFERENCE);
    odd = (uint8_t)(odd + from->odd[at] - NO_DIFFERENCE);
    into[2 * at] = even;
    into[2 * at + 1] = odd;
  }
  from->even_value = even;
  from->odd_value = odd;
  from->even += pairs;
  from->odd += pairs;
}

static float float_of_half(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, fraction = half & 1023;
  uint32_t bits;
  float value;
  if (exponent == 0) {
    value = (float)fraction * 0x1p-24f;
    return sign ? -value : value;
  }
  bits = exponent == 31 ? 0x7f800000u | fraction << 13 | (fraction ? 0x400000u : 0) : (exponent + 112) << 23 | fraction << 13;
  bits |= sign;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void halves_plain(const uint8_t *halves, float *floats, size_t count) {
  for (size_t at = 0; at < count; at++) {
    uint16_t half;
    memcpy(&half, halves + 2 * at, sizeof half);
    floats[at] = float_of_half(half);
  }
}

#if defined(__x86_64__)
AVX2 static uint8_t sum_wide(const uint8_t *bytes, size_t count) {
  __m256i sums = _mm256_setzero_si256();
  size_t at = 0;
  for (; at + 32 <= count; at += 32)
    sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(bytes + at)), _mm256_setzero_si256()));
  const __m128i both = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  const uint64_t sum = (uint64_t)_mm_extract_epi64(both, 0) + (uint64_t)_mm_extract_epi64(both, 1);
  return (uint8_t)(sum + sum_plain(bytes + at, count - at));
}

/* Each byte becomes the sum of those up to it, and of `before`, whose every byte is the value before them. */
AVX2 static inline __m256i summed_up(__m256i differences, __m256i before) {
  __m256i sums = _mm256_xor_si256(differences, _mm256_set1_epi8((char)NO_DIFFERENCE));
  sums = _mm256_add_epi8(sums, _mm256_slli_si256(sums, 1));
  sums = _mm256_add_epi8(sums, _mm256_slli_si256(sums, 2));
  sums = _mm256_add_epi8(sums, _mm256_slli_si256(sums, 4));
  sums = _mm256_add_epi8(sums, _mm256_slli_si256(sums, 8));
  const __m256i low_half_above = _mm256_permute2x128_si256(sums, sums, 0x08);
  sums = _mm256_add_epi8(sums, _mm256_shuffle_epi8(low_half_above, _mm256_set1_epi8(15)));
  return _mm256_add_epi8(sums, before);
}

AVX2 static inline __m256i last_byte_everywhere(__m256i bytes) {
  return _mm256_shuffle_epi8(_mm256_permute2x128_si256(bytes, bytes, 0x11), _mm256_set1_epi8(15));
}

AVX2 static void join_wide(split_bytes *from, size_t pairs, uint8_t *into) {
  __m256i even_before = _mm256_set1_epi8((char)from->even_value), odd_before = _mm256_set1_epi8((char)from->odd_value);
  size_t at = 0;
  for (; at + 32 <= pairs; at += 32) {
    const __m256i even = summed_up(_mm256_loadu_si256((const __m256i *)(from->even + at)), even_before);
    const __m256i odd = summed_up(_mm256_loadu_si256((const __m256i *)(from->odd + at)), odd_before);
    even_before = last_byte_everywhere(even);
    odd_before = last_byte_everywhere(odd);
    const __m256i low = _mm256_unpacklo_epi8(even, odd), high = _mm256_unpackhi_epi8(even, odd);
    _mm256_storeu_si256((__m256i *)(into + 2 * at), _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256((__m256i *)(into + 2 * at + 32), _mm256_permute2x128_si256(low, high, 0x31));
  }
  from->even_value = (uint8_t)_mm256_extract_epi8(even_before, 0);
  from->odd_value = (uint8_t)_mm256_extract_epi8(odd_before, 0);
  from->even += at;
  from->odd += at;
  join_plain(from, pairs - at, into + 2 * at);
}

AVX2 static void halves_wide(const uint8_t *halves, float *floats, size_t count) {
  size_t at = 0;
  for (; at + 8 <= count; at += 8)
    _mm256_storeu_ps(floats + at, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(halves + 2 * at))));
  halves_plain(halves + 2 * at, floats + at, count - at);
}
#endif

static uint8_t sum_of(const uint8_t *bytes, size_t count) {
#if defined(__x86_64__)
  if (is_wide()) return sum_wide(bytes, count);
#endif
  return sum_plain(bytes, count);
}

/* The byte that `count` differences lead to. */
static uint8_t after(uint8_t value, const uint8_t *differences, size_t count) {
  return (uint8_t)(value + sum_of(differences, count) - (uint8_t)(NO_DIFFERENCE * (count & 1)));
}

split_bytes split_start(const uint8_t *differences, size_t count) {
  const size_t half = count / 2;
  /* The first byte stands for itself, and the odd ones go on where the even ones end. */
  const uint8_t even_value = NO_DIFFERENCE;
  return (split_bytes){differences, differences + half, even_value, after(even_value, differences, half)};
}

void split_take(split_bytes *from, size_t count, uint8_t *into) {
#if defined(__x86_64__)
  if (is_wide()) {
    join_wide(from, count / 2, into);
    return;
  }
#endif
  join_plain(from, count / 2, into);
}

void split_skip(split_bytes *from, size_t count) {
  const size_t pairs = count / 2;
  from->even_value = after(from->even_value, from->even, pairs);
  from->odd_value = after(from->odd_value, from->odd, pairs);
  from->even += pairs;
  from->odd += pairs;
}

void halves_to_floats(const uint8_t *halves, float *floats, size_t count) {
#if defined(__x86_64__)
  if (is_wide()) {
    halves_wide(halves, floats, count);
    return;
  }
#endif
  halves_plain(halves, floats, count);
}
