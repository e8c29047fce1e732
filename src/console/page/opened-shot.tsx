import { useEffect, useMemo, useState } from "preact/hooks"
import { runsOf } from "../../sequence/bar-cells.ts"
import type { Shot } from "../../sheet/index.ts"
import { EvidencePane, FactsOfTile } from "../../sheet/page/evidence.tsx"
import { Player } from "../../sheet/page/player.tsx"
import { keyOf, type Tile, versionsOf } from "../../sheet/tiles.ts"
import type { ProxyOutputRow } from "../../table/rows.ts"
import { keyOfFrame, type SequenceAnswer, shotOfSequence, type TilesAnswer, tileOf, tileOfFacts } from "../answers.ts"
import { type Go, hashOf, type Route } from "../routes.ts"
import type { FactTold } from "../timeline.ts"
import type { Live } from "./live.ts"
import type { Server } from "./server.ts"
import type { Tiles } from "./tiles.ts"

type OpenedShotProps = {
  readonly server: Server
  readonly live: Live
  readonly tiles: Tiles
  readonly id: string
  readonly route: Extract<Route, { view: "shots" }>
  readonly go: Go
  readonly open: (tile: Tile) => void
}

/** A shot over the grid, large. */
export function OpenedShot({ server, live, tiles, id, route, go, open }: OpenedShotProps) {
  const answer = useSequence(server, live, id)
  const at = tiles.indexOf(id)
  const fromGrid = at === null ? null : tiles.tileAt(at)
  const tile = useMemo(() => (answer === null ? fromGrid : shotOfSequence(answer)), [answer, fromGrid])
  const versions = useVersions(server, tile)
  if (tile === null) return null
  const step = (by: 1 | -1): void => {
    const next = at === null ? null : tiles.tileAt(at + by)
    if (next !== null) open(next)
  }
  return (
    <Player
      opened={tile}
      versions={versions}
      path={`${tile.item.bucket}/${keyOf(tile)}`}
      evidence={(number) => (
        <EvidencePane>
          <FactsOfTile tile={tile} />
          <FrameOfShot {...{ server, answer, number }} />
        </EvidencePane>
      )}
      onStep={step}
      onClose={() => go({ ...route, shot: null })}
    />
  )
}

const CHANGES = /(sequence-settled|movie-made|gap)$/

/** What the server knows of a sequence; anew when its movie is. */
function useSequence(server: Server, live: Live, id: string): SequenceAnswer | null {
  const [answer, setAnswer] = useState<SequenceAnswer | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const load = async (): Promise<void> => {
      const found = await server.get<SequenceAnswer>(`/sequences/${encodeURIComponent(id)}`, stop.signal)
      // Addresses are signed anew each time; what is playing goes on.
      if (found.ok)
        setAnswer((before) =>
          before !== null && before.version_order === found.value.version_order ? before : found.value,
        )
    }
    void load()
    const done = live.onChange(CHANGES, 2000, () => void load())
    return () => {
      stop.abort()
      done()
    }
  }, [server, live, id])
  return answer
}

/** Other versions of a shot: their folders or names begin alike as far as the number. */
function useVersions(server: Server, tile: Tile | null): readonly Shot[] {
  const [versions, setVersions] = useState<readonly Shot[]>([])
  const shot = tile?.kind === "shot" ? tile.item : null
  useEffect(() => {
    const at = shot?.version === null || shot === null ? -1 : `${shot.folder}${shot.name}`.search(/v\d/i)
    if (shot === null || at < 0) return
    const stop = new AbortController()
    const prefix = `${shot.folder}${shot.name}`.slice(0, at + 1)
    const search = new URLSearchParams({ order: "name", limit: "200", bucket: shot.bucket, prefix })
    const load = async (): Promise<void> => {
      const found = await server.get<TilesAnswer>(`/tiles?${search}`, stop.signal)
      if (!found.ok) return
      const shots = found.value.tiles.map(tileOf).flatMap((one) => (one.kind === "shot" ? [one.item] : []))
      setVersions(
        versionsOf(
          shot,
          shots.filter(({ folder, name }) => folder !== shot.folder || name !== shot.name),
        ),
      )
    }
    void load()
    return () => stop.abort()
  }, [server, shot])
  return versions
}

type FrameOfShotProps = {
  readonly server: Server
  readonly answer: SequenceAnswer | null
  readonly number: number | null
}

/** While a movie plays nobody reads. */
const STILL_MS = 250

/** What is known of the frame that is seen. */
function FrameOfShot({ server, answer, number }: FrameOfShotProps) {
  const another = useAnyKey(server, answer)
  const [tile, setTile] = useState<Tile | null>(null)
  const isThere = answer !== null && number !== null && isFrame(answer, number)
  const key = isThere && another !== null ? keyOfFrame(answer, number, another) : null
  const bucket = answer?.bucket ?? ""
  useEffect(() => {
    setTile(null)
    if (key === null) return
    const stop = new AbortController()
    const timer = setTimeout(async () => {
      const path = `/elements/facts?${new URLSearchParams({ bucket, key })}`
      const found = await server.get<{ readonly facts: readonly FactTold[] }>(path, stop.signal)
      if (found.ok) setTile(tileOfFacts(found.value.facts, undefined))
    }, STILL_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [server, bucket, key])
  if (number === null || answer === null) return null
  if (!isThere) return <p class="dim">Frame {number} is not there.</p>
  return (
    <>
      {key === null ? null : (
        <p>
          <a href={hashOf({ view: "frame", bucket, key })}>Frame {number}: header, facts, retry</a>
        </p>
      )}
      {tile === null ? null : <FactsOfTile tile={tile} />}
    </>
  )
}

/** Whether a frame was made, or failed. */
const isFrame = ({ frames_made, frames_failed }: SequenceAnswer, number: number): boolean =>
  runsOf(`${frames_made},${frames_failed}`).some(({ first, last }) => first <= number && number <= last)

/** The key of one frame of a sequence, whichever: it tells how numbers are written. */
function useAnyKey(server: Server, answer: SequenceAnswer | null): string | null {
  const [key, setKey] = useState<string | null>(null)
  const { bucket = "", folder = "", head = "" } = answer ?? {}
  const prefix = `${folder}${head}`
  useEffect(() => {
    if (prefix === "") return
    const stop = new AbortController()
    const load = async (): Promise<void> => {
      const search = new URLSearchParams({ bucket, prefix, limit: "1" })
      const found = await server.get<{ readonly outputs: readonly ProxyOutputRow[] }>(`/outputs?${search}`, stop.signal)
      if (found.ok) setKey(found.value.outputs[0]?.s3_key ?? null)
    }
    void load()
    return () => stop.abort()
  }, [server, bucket, prefix])
  return key
}
