// Which shots, single frames and failures the contact sheet is of, and which frames belong to which shot.

import type { sequenceRuleFor } from "../../../config/sequence-rules.ts"
import { frameNameOf } from "../../../element/frame-name.ts"
import type { ProxyMade } from "../../../events/records.generated.ts"
import { done, type Result } from "../../../events/result.ts"
import type { EventLog } from "../../../log/index.ts"
import type { Place, ShotFiles } from "../../../sheet/items.ts"
import { MOST_CUE_BYTES } from "../../../sheet/sprites.ts"
import type { ObjectStore } from "../../../store/index.ts"
import type { ElementRow } from "../../../table/rows.ts"
import type { SequenceRow } from "../../../table/sequence-rows.ts"
import { sequenceName } from "../sequence/table.ts"

export type Contents = {
  readonly shots: readonly ShotFiles[]
  readonly frames: readonly { readonly made: ProxyMade; readonly place: Place }[]
  readonly failures: readonly { readonly row: ElementRow; readonly place: Place }[]
}

/** The newest ProxyMade of each object whose key begins so, by bucket and key. */
export async function latestOutputs(
  { log }: { readonly log: EventLog },
  prefix: string,
): Promise<Result<readonly ProxyMade[]>> {
  const latest = new Map<string, ProxyMade>()
  for await (const record of log.read("proxy-made")) {
    if (!record.ok) return record
    const { content } = record.value
    if (!("fact" in content) || content.fact.topic !== "proxy-made") continue
    const made = content.fact.value
    if (!made.element.key.startsWith(prefix)) continue
    const known = latest.get(nameOf(made.element))
    if (known === undefined || known.generatedAtUs <= made.generatedAtUs) latest.set(nameOf(made.element), made)
  }
  return done([...latest].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, made]) => made))
}

const nameOf = ({ bucket, key }: { readonly bucket: string; readonly key: string }): string => `${bucket}/${key}`

type Known = {
  readonly rows: readonly SequenceRow[]
  readonly made: readonly ProxyMade[]
  readonly failures: readonly ElementRow[]
  /** Removed: not shown, whatever the log tells of them. */
  readonly gone: readonly ElementRow[]
  readonly ruleOf: ReturnType<typeof sequenceRuleFor>
  /** Where outputs go; null for beside the frames. */
  readonly outputsBucket: string | null
}

export function contentsOf({ rows, made, failures, gone, ruleOf, outputsBucket }: Known): Contents {
  const unshown = new Set([...failures, ...gone].map(nameOf))
  const indices = new Map(rows.map((row, index) => [`${row.bucket}/${sequenceName(row)}`, index]))
  const versions = new Map<number, string | null>()
  const placeOf = (of: { readonly bucket: string; readonly key: string }): Place => {
    const named = frameNameOf(of.key, ruleOf(of))
    const shot = named === null ? undefined : indices.get(`${of.bucket}/${sequenceName(named)}`)
    if (named === null || shot === undefined) return { shot: null, number: null }
    versions.set(shot, named.version)
    return { shot, number: named.frame }
  }
  const frames = made
    .filter(({ element }) => !unshown.has(nameOf(element)))
    .map((one) => ({ made: one, place: placeOf(one.element) }))
  const placedFailures = failures.map((row) => ({ row, place: placeOf(row) }))
  const ofShots = Map.groupBy(frames, ({ place }) => place.shot)
  const shots = rows.map((row, index) => ({
    row,
    outputsBucket: outputsBucket ?? row.bucket,
    middle: middleOf(ofShots.get(index) ?? []),
    version: versions.get(index) ?? null,
    cues: null,
  }))
  return { shots, frames, failures: placedFailures }
}

function middleOf(frames: Contents["frames"]): ProxyMade | null {
  const sorted = frames.toSorted((one, other) => (one.place.number ?? 0) - (other.place.number ?? 0))
  return sorted[Math.floor(sorted.length / 2)]?.made ?? null
}

/** Reads the cues of all shots. A shot whose cues cannot be read is not scrubbed. */
export async function withCues(contents: Contents, store: Pick<ObjectStore, "readRange">): Promise<Contents> {
  const shots: ShotFiles[] = []
  for (const shot of contents.shots) {
    const { sprites_vtt_key: key } = shot.row
    const read =
      key === null
        ? null
        : await store.readRange({ bucket: shot.outputsBucket, key }, { start: 0, end: MOST_CUE_BYTES })
    shots.push(read?.ok === true ? { ...shot, cues: new TextDecoder().decode(read.value) } : shot)
  }
  return { ...contents, shots }
}
