// A subscription that is given its records page by page.

import { done, type Result } from "../events/result.ts"
import type { DeliveredPage, PageSubscription, StoredRecord } from "./index.ts"
import type { TopicReader } from "./look-ahead.ts"
import { acknowledgeOnce, type Context, settling, subscribed } from "./subscription.ts"

/** The port's `deliverPages` on an embedded log. */
export function deliverPagesFrom(
  context: Context,
  subscription: PageSubscription,
): AsyncGenerator<Result<DeliveredPage>> {
  const { group, most } = subscription
  let turn = 0
  return subscribed(context, subscription, {
    claimed: () => undefined,
    next: (readers, { changes, wake }) => {
      for (let skipped = 0; skipped < readers.length; skipped++) {
        const reader = readers[turn++ % readers.length] as TopicReader
        if (reader.unacknowledged > 0 || reader.emptyAt === changes) continue
        const read = readPage(context, reader, most)
        if (!read.ok) return read
        const { value: records } = read
        if (records.length === 0) reader.emptyAt = changes
        else return done(pageOf(records, context, { reader, group, freed: wake }))
      }
      return done("nothing")
    },
  })
}

/** All that is there, up to so many. What retention took is passed over. */
function readPage({ storage }: Context, reader: TopicReader, most: number): Result<readonly StoredRecord[]> {
  const { topic } = reader.claim
  const end = storage.end(topic)
  if (!end.ok) return end
  if (reader.position >= end.value) return done([])
  const page = storage.page({ topic, from: reader.position, until: end.value, sinceMs: 0, limit: most })
  if (!page.ok) return page
  const last = page.value.length === most ? page.value.at(-1) : undefined
  reader.position = last === undefined ? end.value : last.at.offset + 1
  return page
}

type Reading = { readonly reader: TopicReader; readonly group: string; readonly freed: () => void }

function pageOf(records: readonly StoredRecord[], context: Context, { reader, group, freed }: Reading): DeliveredPage {
  const { claim, tracker } = reader
  const offsets = [...new Set([records[0], records.at(-1)].flatMap((record) => record?.at.offset ?? []))]
  // One page at a time is out, so that the tracker has room for it.
  for (const offset of offsets) tracker.track(offset)
  reader.unacknowledged++
  return {
    records,
    lost: claim.lost,
    acknowledge: acknowledgeOnce(settling(context, reader, { group, offsets, freed })),
  }
}
