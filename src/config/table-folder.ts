import { OUTPUTS_FOLDER, segmentsOf } from "../element/key.ts"
import type { OutputsBase } from "../element/output-places.ts"
import { ALL_ENDINGS, CONTRACT_ENDINGS, type Endings, endingsText } from "../element/source.ts"
import { didYouMean } from "./nearest.ts"
import { int, list, path, type Setting, toggle } from "./setting.ts"

const ADDRESS = /^s3:\/\/([^/]*)\/?(.*)$/s
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/

/** Control characters, and what URLs and consoles read as something else. */
const ODD = /[\p{Cc}\\?#]/u

/** What is wrong with where outputs are to go, as a sentence; null for a folder or a right address. */
export function outputsProblem(raw: unknown): string | null {
  if (typeof raw !== "string" || !raw.startsWith("s3:")) return null
  const [, bucket = "", rest = ""] = ADDRESS.exec(raw) ?? []
  if (!BUCKET.test(bucket)) return `${JSON.stringify(raw)} names no bucket: write s3://bucket/prefix.`
  const names = segmentsOf(withoutEnd(rest))
  if (rest !== "" && names.some((name) => name === "" || name === "." || name === ".." || ODD.test(name)))
    return `the prefix of ${JSON.stringify(raw)} has an empty name, a dot alone or an odd character in it: write s3://bucket/some/prefix.`
  return names.includes(OUTPUTS_FOLDER)
    ? `the prefix of ${JSON.stringify(raw)} has .proxies in it, which is the name of folders that hold outputs: write another.`
    : null
}

/** Bucket and prefix of `s3://bucket/prefix`; null for a folder. */
export function outputsAddress(outputs: string): OutputsBase | null {
  const [, bucket, rest = ""] = ADDRESS.exec(outputs) ?? []
  if (bucket === undefined) return null
  return { bucket, prefix: rest === "" ? "" : `${withoutEnd(rest)}/` }
}

const withoutEnd = (prefix: string): string => (prefix.endsWith("/") ? prefix.slice(0, -1) : prefix)

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

/** Which files and folders a command works with. */
export const STATE = {
  stateDir: path<never>({
    group: "state",
    says: "Folder of the event log and the tables. Without it: .oiio-proxy-generator inside the folder of frames; where that cannot be written, oiio-proxy-generator in $XDG_STATE_HOME or ~/.local/state. Must be on a local disk.",
    env: "OIIO_STATE",
    flag: "--state",
    inFile: false,
    default: ({ stateDir }) => stateDir,
    defaultSays: ".oiio-proxy-generator in the folder of frames",
  }),
  configFile: path<null>({
    group: "state",
    says: "File of settings (YAML). Without it: oiio-proxy-generator.yaml in the state folder, where it exists.",
    env: "OIIO_CONFIG",
    flag: "--config",
    inFile: false,
    default: null,
  }),
}

const outputs = path<null>({
  group: "outputs",
  says: "Where thumbnails and proxies go instead of into .proxies/ beside the frames: another folder, or s3://bucket/prefix on servers. Below it lies a folder for each bucket (the name of the folder of frames), and in it the folders of the frames. Without it: beside the frames, or where the last run of this folder had them. The folder of frames itself stands for beside the frames. `oiio-proxy-generator docs outputs-elsewhere` says what changes.",
  env: "OIIO_OUTPUTS",
  default: null,
  allowed: "a folder, or s3://bucket/prefix",
  isName: (value) => value.startsWith("s3:"),
})

/** Where outputs go. */
export const OUTPUTS = {
  outputs: {
    ...outputs,
    parse: (raw: unknown) => (outputsProblem(raw) === null ? outputs.parse(raw) : undefined),
    problem: outputsProblem,
  },
}

/** `run --watch`. */
export const WATCH = {
  watchQuietSeconds: int({
    group: "watch",
    says: "How long a file's size and time must have been still before it is taken, in seconds.",
    env: "OIIO_WATCH_QUIET_SECONDS",
    default: 3,
    min: 1,
    max: 3600,
    unit: "seconds",
  }),
  watchPollSeconds: int({
    group: "watch",
    says: "How often the folder is listed where nothing tells of changes, in seconds: on network mounts, and where the system has too few watches. On a local disk the kernel tells, and the folder is listed less often.",
    env: "OIIO_WATCH_POLL_SECONDS",
    default: 5,
    min: 1,
    max: 3600,
    unit: "seconds",
  }),
}
