import type { Failure } from "./failure.ts"

/** What the world did, as a value: a rejected promise or a throw means a bug of ours, never a bad file or a lost server. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export const done = <T>(value: T): Result<T> => ({ ok: true, value })

export const failed = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure })
