import { flagOf } from "../../../config/table.ts"
import type { PictureChoice } from "../../../picture/index.ts"
import { passName } from "../../../picture/read/select/passes.ts"
import { type SelectablePicture, selectablePictures } from "../../../picture/read/select/selectable-pictures.ts"
import { isData } from "../../../picture/read/select/shown.ts"
import type { Glanced } from "./glance.ts"
import { aligned, listed } from "./text.ts"

/** A picture that the file holds, and whether it is the one that would be shown. */
export type ListedPicture = SelectablePicture & { readonly shown: boolean }

export function picturesOf({ header, reading }: Pick<Glanced, "header" | "reading">): readonly ListedPicture[] {
  const shown = reading.ok ? reading.value : null
  const pass = shown?.pass
  const kind = isData(pass) ? pass.kind : "picture"
  const channels = isData(pass) ? pass.channels : [...new Set(shown?.selection.channels)]
  return selectablePictures(header).map((one) => ({
    ...one,
    shown: one.part === shown?.selection.part && one.kind === kind && one.channels.join() === channels.join(),
  }))
}

/**
 * A line a picture: where it is, what it is, and which flags show it. Nothing where there is but one. Lines keep their
 * length: flags are there to be copied.
 */
export function pictureLines(glanced: Pick<Glanced, "header" | "reading">): readonly string[] {
  const pictures = picturesOf(glanced)
  if (pictures.length < 2) return []
  const isMany = glanced.header.parts.length > 1
  const heads = aligned(pictures.map((picture) => cells(picture, isMany)))
  const widest = Math.max(...heads.map(({ length }) => length))
  const rows = pictures.map((picture, at) => `${heads[at]?.padEnd(widest)}  ${chosenBy(picture)}`)
  return [...listed(rows), HINT]
}

const HINT = "(settings of these names do the same for all, pictureRules per prefix)"

const cells = ({ part, layer, view, channels, kind }: ListedPicture, isMany: boolean): readonly string[] => [
  isMany ? String(part) : "",
  layer ?? "-",
  view ?? "",
  kind === "picture" ? "" : passName(kind),
  channels.map((name) => name.slice(name.lastIndexOf(".") + 1)).join(" "),
]

const chosenBy = ({ shown, choice, channels }: ListedPicture): string => {
  if (shown) return "shown"
  return flags(choice ?? { channels })
}

const flags = (choice: PictureChoice): string =>
  (["part", "view", "layer", "channels"] as const)
    .flatMap((name) => (choice[name] === undefined ? [] : [`${flagOf(name)} ${quoted(String(choice[name]))}`]))
    .concat(choice.asColour ? [flagOf("asColour") ?? ""] : [])
    .join(" ")

/** As a shell takes it. */
const quoted = (text: string): string => (/^[\w.,/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
