import type { Announced, IntakeTrust } from "./message.ts"

/** What was left out of an arrival. */
export type Distrusted = keyof IntakeTrust

export type Trusted = { readonly announced: Announced; readonly distrusted: readonly Distrusted[] }

const NO_IDS = { assetId: null, jobId: null, projectId: null, shotId: null }

/** The arrival without what its intake does not believe. */
export function withinTrust(announced: Announced, trust: IntakeTrust): Trusted {
  const { assetId, jobId, projectId, shotId, force } = announced
  const hasIds = [assetId, jobId, projectId, shotId].some((id) => id !== null)
  const dropsIds = hasIds && !trust.ids
  const dropsForce = force && !trust.force
  return {
    announced: { ...announced, ...(dropsIds ? NO_IDS : {}), force: force && !dropsForce },
    distrusted: [...(dropsIds ? (["ids"] as const) : []), ...(dropsForce ? (["force"] as const) : [])],
  }
}
