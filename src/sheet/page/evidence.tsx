import type { ComponentChildren } from "preact"
import { useMemo } from "preact/hooks"
import { humanBytes, humanDuration, rateText } from "../../cli/views/human.ts"
import { visible } from "../../system/visible.ts"
import type { Failed, Frame, Sheet, Shot } from "../index.ts"
import type { Tile } from "../tiles.ts"
import { momentText, rangesText } from "./texts.ts"

export type Fact = { readonly name: string; readonly says: ComponentChildren; readonly kind?: "warn" | "bad" }

type EvidenceProps = {
  readonly sheet: Sheet
  readonly tile: Tile
  /** Of the frame that is seen, of a shot. */
  readonly number: number | null
}

/** What is known of a tile, and of the frame that is seen. */
export function Evidence({ sheet, tile, number }: EvidenceProps) {
  const byNumber = useMemo(() => framesOfShot(sheet, tile), [sheet, tile])
  const inShot = number === null ? undefined : byNumber.get(number)
  return (
    <EvidencePane>
      <FactsOfTile tile={tile} />
      {inShot === undefined ? null : <Facts title={`Frame ${number}`} facts={inShot} />}
      {tile.kind === "shot" && inShot === undefined && number !== null ? (
        <p class="dim">Frame {number} is not there.</p>
      ) : null}
    </EvidencePane>
  )
}

/** Beside what is seen. */
export const EvidencePane = ({ children }: { readonly children: ComponentChildren }) => (
  <aside class="evidence" aria-label="Evidence" ref={reachable}>
    {children}
  </aside>
)

export function FactsOfTile({ tile }: { readonly tile: Tile }) {
  if (tile.kind === "shot") return <Facts title="Shot" facts={factsOfShot(tile.item)} />
  if (tile.kind === "frame") return <Facts title="Frame" facts={factsOfFrame(tile.item)} />
  return <Facts title="Failed" facts={factsOfFailure(tile.item)} />
}

/** What is scrolled can be reached by the keyboard, too. */
const reachable = (element: HTMLElement | null): void => element?.setAttribute("tabindex", "0")

/** Facts of a shot's frames by their number: of the picture, or of why there is none. */
function framesOfShot({ shots, frames, failures }: Sheet, tile: Tile): ReadonlyMap<number, readonly Fact[]> {
  if (tile.kind !== "shot") return new Map()
  const shot = shots.indexOf(tile.item)
  const isOfShot = (one: Frame | Failed): boolean => one.shot === shot && one.number !== null
  return new Map([
    ...frames.filter(isOfShot).map((frame) => [frame.number ?? 0, factsOfFrame(frame)] as const),
    ...failures.filter(isOfShot).map((failed) => [failed.number ?? 0, factsOfFailure(failed)] as const),
  ])
}

/** Names, and what is said of each. */
export function Facts({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {facts.map(({ name, says, kind }, at) => (
          <div key={`${at}`} class={kind}>
            <dt>{visible(name)}</dt>
            <dd>{typeof says === "string" ? visible(says) : says}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** A fact; none where there is nothing to say. */
export const some = (name: string, says: string | null, kind?: "warn" | "bad"): readonly Fact[] =>
  says === null || says === "" ? [] : [{ name, says, ...(kind === undefined ? {} : { kind }) }]

function factsOfShot(shot: Shot): readonly Fact[] {
  const { rate, movieFrames, resolution, timecode, movieBytes } = shot
  const movie = [
    `${movieFrames.toLocaleString("en")} frames`,
    ...(rate === null ? [] : [rateText(rate)]),
    ...[resolution, timecode].flatMap((text) => text ?? []),
    humanBytes(movieBytes),
  ]
  return [
    ...some("frames", rangesText(shot.made)),
    ...some("missing", rangesText(shot.missing), "warn"),
    ...some("failed", rangesText(shot.failed), "bad"),
    ...some("another shown for", rangesText(shot.held), "warn"),
    ...shot.findings.flatMap(([title, ranges]) => some(title, rangesText(ranges), "warn")),
    ...some("first frame", shot.firstExpected === null ? null : `expected ${shot.firstExpected}`, "warn"),
    ...(movieFrames === 0 ? [] : some("movie", movie.join(" · "))),
    ...some("no movie", shot.failureCode === null ? null : `${shot.failureCode}: ${shot.failureSays ?? ""}`, "bad"),
    ...(shot.isSound === null
      ? []
      : some("report", shot.isSound ? "sound" : "not sound", shot.isSound ? undefined : "warn")),
    ...some("changed", momentText(shot.changedAtMs)),
  ]
}

function factsOfFrame(frame: Frame): readonly Fact[] {
  const { colourSpace, look, colourRule, colourEvidence, format, compression, selectionReason } = frame
  return [
    ...frame.warnings.flatMap((warning) => some("warning", warning, "warn")),
    ...some("all black", frame.allBlack ? "every sample is black" : null, "warn"),
    ...some("colour", `${colourSpace} → ${look}`),
    ...some("because", `${colourEvidence} (${colourRule})`),
    ...some("picture", compression === null ? format : `${format}, ${compression}`),
    ...some("shown", selectionReason),
    ...some("windows", frame.windows),
    ...some(
      "time",
      [
        frame.rate === null ? "no frame rate in the header" : rateText(frame.rate),
        frame.timecode ?? "no timecode",
      ].join(" · "),
    ),
    ...some(
      "sizes",
      `source ${humanBytes(frame.sourceBytes)} · thumbnail ${humanBytes(frame.thumbnailBytes)} · proxy ${humanBytes(frame.proxyBytes)}`,
    ),
    ...frame.further.map(({ name, url, width, height, sizeBytes }) => ({
      name,
      says: (
        <>
          <a href={url}>{width > 0 ? `${width}×${height}` : "file"}</a> {humanBytes(sizeBytes)}
        </>
      ),
    })),
    ...some(
      "took",
      frame.reused
        ? "nothing: it was current"
        : frame.timings.map(([stage, ms]) => `${stage} ${humanDuration(ms)}`).join(" · "),
    ),
    ...some("made", momentText(frame.madeAtMs)),
  ]
}

const factsOfFailure = ({ code, says, stage, kind, attempts, failedAtMs }: Failed): readonly Fact[] => [
  ...some("failure", code, "bad"),
  ...some("says", says),
  ...some("stage", `${stage}, ${kind}, ${attempts === 1 ? "1 try" : `${attempts} tries`}`),
  ...some("when", momentText(failedAtMs)),
]
