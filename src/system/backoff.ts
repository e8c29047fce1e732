/** How long to wait between tries, milliseconds: it doubles from the first wait up to the longest. */
export type Backoff = { readonly firstMs: number; readonly mostMs: number }

/** For a server that is away and is waited for as long as that takes. */
export const SERVER_AWAY: Backoff = { firstMs: 250, mostMs: 5_000 }

/**
 * The wait after the try of this number, which counts from 1. `random`, from 0 to 1, decides about the upper half of it, so that
 * many waiters do not come back as one; 1 is the whole wait.
 */
export const backoffMs = (attempt: number, { firstMs, mostMs }: Backoff, random = 1): number =>
  Math.min(mostMs, firstMs * 2 ** (attempt - 1)) * (0.5 + random / 2)
