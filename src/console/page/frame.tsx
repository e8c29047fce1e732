import { useEffect, useState } from "preact/hooks"
import { fileNameOf } from "../../element/key.ts"
import { EvidencePane, FactsOfTile } from "../../sheet/page/evidence.tsx"
import { IconButton } from "../../sheet/page/icons.tsx"
import { copyText } from "../../sheet/page/selection.tsx"
import type { Tile } from "../../sheet/tiles.ts"
import { visible } from "../../system/visible.ts"
import { type ElementAnswer, tileOfFacts } from "../answers.ts"
import type { Route } from "../routes.ts"
import type { Attempt, FactTold } from "../timeline.ts"
import { Header } from "./header.tsx"
import type { Live } from "./live.ts"
import { RetryButton } from "./retry.tsx"
import type { Server } from "./server.ts"
import { Timeline } from "./timeline.tsx"

type FrameProps = {
  readonly server: Server
  readonly live: Live
  readonly route: Extract<Route, { view: "frame" }>
}

/** One source: its pictures, what is known of it, and what happened to it. */
export function FrameView({ server, live, route: { bucket, key } }: FrameProps) {
  const { element, facts, attempts, isKnown } = useElement(server, live, bucket, key)
  const tile = facts === null ? null : tileOfFacts(facts, element?.urls)
  return (
    <main class="frame" id="content" tabIndex={-1}>
      <header class="line">
        <button type="button" class="secondary" onClick={() => history.back()}>
          Back
        </button>
        <h1 dir="auto">{visible(fileNameOf(key))}</h1>
        <IconButton icon="copy" label="Copy path" onClick={() => void copyText(`${bucket}/${key}`)} />
        <RetryButton {...{ server }} wanted={{ keys: [{ bucket, key }] }} isFailed={tile?.kind === "failed"} />
      </header>
      <p class="dim path" dir="auto">
        {visible(`${bucket}/${key}`)}
      </p>
      {isKnown ? null : <p class="nothing">Nothing is known of this source.</p>}
      <div class="about-frame">
        <div>
          {tile === null ? null : <Pictures tile={tile} />}
          {facts === null || facts.length === 0 ? null : <Timeline {...{ facts, attempts }} />}
        </div>
        <EvidencePane>
          {tile === null ? null : <FactsOfTile tile={tile} />}
          {element?.inspection === undefined || element.inspection === null ? null : (
            <Header inspection={element.inspection} />
          )}
        </EvidencePane>
      </div>
    </main>
  )
}

/** The proxy, and beside it the thumbnail as it is stored. */
function Pictures({ tile }: { readonly tile: Tile }) {
  if (tile.kind === "failed") return <div class="stage absent bad">{visible(tile.item.code)}</div>
  const { proxy, thumbnail } =
    tile.kind === "frame" ? tile.item : { proxy: tile.item.movie, thumbnail: tile.item.thumbnail }
  return (
    <div class="pictures">
      {proxy === null ? null : (
        <figure>
          <video src={proxy} muted playsInline preload="auto" aria-label="Proxy" />
          <figcaption class="dim">
            Proxy ·{" "}
            <a href={proxy} download={`${tile.item.name}.mp4`}>
              download
            </a>
          </figcaption>
        </figure>
      )}
      {thumbnail === null ? null : (
        <figure>
          <img src={thumbnail} alt="Thumbnail" />
          <figcaption class="dim">Thumbnail</figcaption>
        </figure>
      )}
    </div>
  )
}

const CHANGES = /(proxy-made|element-failed|element-created|element-removed|source-inspected|gap)/

type Known = {
  readonly element: ElementAnswer | null
  readonly facts: readonly FactTold[] | null
  readonly attempts: readonly Attempt[]
  readonly isKnown: boolean
}

/** What the server knows of a source, as it is now. */
function useElement(server: Server, live: Live, bucket: string, key: string): Known {
  const [known, setKnown] = useState<Known>({ element: null, facts: null, attempts: [], isKnown: true })
  useEffect(() => {
    const stop = new AbortController()
    const search = new URLSearchParams({ bucket, key })
    const load = async (): Promise<void> => {
      const [element, told] = await Promise.all([
        server.get<ElementAnswer>(`/elements?${search}`, stop.signal),
        server.get<Pick<Known, "attempts"> & { readonly facts: readonly FactTold[] }>(
          `/elements/facts?${search}`,
          stop.signal,
        ),
      ])
      if (stop.signal.aborted) return
      const isAway = [element, told].some((answer) => !answer.ok && answer.kind !== "refused")
      if (isAway) setTimeout(() => stop.signal.aborted || void load(), 3000)
      setKnown((before) => ({
        element: element.ok ? element.value : before.element,
        facts: told.ok ? told.value.facts : before.facts,
        attempts: told.ok ? told.value.attempts : before.attempts,
        isKnown: isAway || element.ok || (told.ok && told.value.facts.length > 0),
      }))
    }
    void load()
    const done = live.onChange(CHANGES, 1500, () => void load())
    return () => {
      stop.abort()
      done()
    }
  }, [server, live, bucket, key])
  return known
}
