import { ALL_ENDINGS, CONTRACT_ENDINGS, type Endings, endingsText } from "../element/source.ts"
import { didYouMean } from "./nearest.ts"
import { list, type Setting, toggle } from "./setting.ts"

/** Endings as people write them: with or without the dot, in upper or lower case. */
const plain = (written: string): string => written.toLowerCase().replace(/^\*?\./, "")

const texts = list({
  group: "pictures",
  says: "Endings of the names of files that are sources; all other files are left alone, however they are heard of. Every worker and intake of a deployment needs the same.",
  env: "OIIO_SOURCES",
  allowed: `endings with commas between them, of these: ${ALL_ENDINGS.join(", ")}`,
  placeholder: "endings",
})

const known = (raw: unknown): Endings | undefined => {
  const endings = texts.parse(raw)?.map(plain)
  const isKnown = endings?.every((ending) => ALL_ENDINGS.includes(ending)) === true
  return isKnown && endings.length > 0 ? Object.freeze([...new Set(endings)]) : undefined
}

function problem(raw: unknown): string | null {
  const stranger = texts.parse(raw)?.find((ending) => !ALL_ENDINGS.includes(plain(ending)))
  if (stranger === undefined) return null
  const nearest = didYouMean(plain(stranger), [...ALL_ENDINGS])
  return `${JSON.stringify(stranger)} is no ending that is read.${nearest} There are ${endingsText(ALL_ENDINGS)}.`
}

/** Which files are pictures to be rendered. No part of a picture's identity. */
export const SOURCES = {
  sources: {
    ...texts,
    default: Object.freeze<Endings>([...CONTRACT_ENDINGS]),
    parse: known,
    problem,
  } satisfies Setting<Endings>,
  allFormats: toggle({
    group: "pictures",
    says: "Take every format that is read for a source, whatever `sources` says.",
    env: "OIIO_ALL_FORMATS",
    default: false,
  }),
}

/** Endings of sources, as both settings say it. */
export const endingsOf = ({
  sources,
  allFormats,
}: {
  readonly sources: Endings
  readonly allFormats: boolean
}): Endings => (allFormats ? ALL_ENDINGS : sources)
