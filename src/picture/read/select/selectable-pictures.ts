import type { DataKind, PictureChoice } from "../../model.ts"
import type { PictureHeader } from "../header/model.ts"
import { candidates, isData } from "./candidates.ts"
import { shownInExr } from "./exr.ts"
import { type Group, groupsOf, layerName, multiView } from "./layers.ts"
import { passesOf } from "./passes.ts"
import { shownInTiff } from "./tiff.ts"

/** One of the pictures and passes of data that a file holds. */
export type SelectablePicture = {
  readonly part: number
  readonly view: string | null
  readonly layer: string | null
  readonly channels: readonly string[]
  readonly kind: "picture" | DataKind
  /** What shows it; null where nothing but the names of its channels would. */
  readonly choice: PictureChoice | null
}

/** More than these nobody reads, and each is looked for. */
const MOST_PICTURES = 100

/** All that can be chosen of a file and what chooses it, in file order. */
export function selectablePictures(header: PictureHeader): readonly SelectablePicture[] {
  if (header.format === "exr") return exrPictures(header)
  if (header.format !== "tiff") return []
  return header.parts.slice(0, MOST_PICTURES).flatMap(({ index }) => {
    const shown = shownInTiff(header, { part: index })
    if (!shown.ok) return []
    const { view, layer, channels } = shown.value
    return [{ part: index, view, layer, channels: distinct(channels), kind: "picture", choice: { part: index } }]
  })
}

const distinct = (channels: readonly string[]): readonly string[] => [...new Set(channels)]

type FoundPicture = Omit<SelectablePicture, "choice" | "part"> & Pick<Group, "part">

function exrPictures(header: PictureHeader): readonly SelectablePicture[] {
  const views = multiView(header.parts)
  const groups = header.parts.flatMap((part) => groupsOf(part, views))
  const ofPart = [...Map.groupBy(groups, ({ part }) => part)]
  const pictures = ofPart.flatMap(([part, own]) => candidates(part, own))
  const passes = ofPart.flatMap(([, own]) => passesOf(own))
  const all: readonly FoundPicture[] = [
    ...pictures.map(({ part, view, layer, channels }) => ({ part, view, layer, channels, kind: "picture" as const })),
    ...passes,
  ]
  return all
    .slice(0, MOST_PICTURES)
    .toSorted((a, b) => a.part.index - b.part.index)
    .map(({ part, view, layer, channels, kind }) => {
      const found = { part, view, layer, channels: distinct(channels), kind }
      return { ...found, part: part.index, choice: choiceOf(header, found) }
    })
}

/** The shortest choice that shows it, tried out. */
function choiceOf(header: PictureHeader, found: FoundPicture): PictureChoice | null {
  const { part, view, channels, kind } = found
  const name = layerName({ ...found, names: [] })
  const [ofLayer, ofView] = [name === null ? {} : { layer: name }, view === null ? {} : { view }]
  const tried: readonly PictureChoice[] = [
    ...[ofLayer, ofView, { ...ofLayer, ...ofView }, { part: part.index }],
    ...[
      { part: part.index, ...ofLayer },
      { part: part.index, ...ofLayer, ...ofView },
    ],
    ...[{ channels }, { part: part.index, channels }, { part: part.index, channels, ...ofView }],
  ]
  const all =
    kind === "picture" ? [...tried, ...tried.map((choice) => ({ ...choice, asColour: true as const }))] : tried
  return all.find((choice) => Object.keys(choice).length > 0 && shows(header, choice, found)) ?? null
}

function shows(header: PictureHeader, choice: PictureChoice, { part, channels, kind }: FoundPicture): boolean {
  const shown = shownInExr(header, { ownReaders: true, choice })
  if (!shown.ok || shown.value.part !== part) return false
  const { pass } = shown.value
  const what = isData(pass) ? pass.channels : distinct(shown.value.channels)
  return (isData(pass) ? pass.kind : "picture") === kind && what.join() === channels.join()
}
