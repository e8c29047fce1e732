import { createHash } from "node:crypto"
import { readFile, rename, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ByProfile, byProfile } from "../../../element/profiles.ts"
import { done, type Result } from "../../../events/result.ts"
import { makeFolder } from "../../../system/folders.ts"
import { onceEach } from "../../../system/recent-map.ts"
import { bakeLook, checkLook, type LookError, lookKey } from "../../pixels/bake.ts"
import type { Lut } from "../../pixels/look.ts"
import type { BakeRequest, OutputLook, ReadyLook } from "../../pixels/plan.ts"
import type { LutBaker } from "../../pixels/through-config.ts"
import { RECIPES } from "../../recipes.ts"
import type { ToolContext } from "../../tools/tool-context.ts"

/** The looks of all outputs, and what there is to say of each that is a table. */
export type ReadyLooks = { readonly looks: ByProfile<ReadyLook>; readonly says: Readonly<Record<string, string>> }

/** Baked looks, each of them once. */
export type LutCache = {
  /** A look made ready, with its distance from the config's own. Fails like bakeLook. */
  readonly baked: (request: BakeRequest, baker: LutBaker) => Promise<Result<MeasuredLook>>
  /** The looks of all outputs, baked where they have to be. Fails like bakeLook. */
  readonly ready: (requests: ByProfile<OutputLook>, baker: LutBaker) => Promise<Result<ReadyLooks>>
}

export type LutCacheOptions = {
  readonly configHash: string
  /** Folder where tables outlive the process; null to keep them in memory only. */
  readonly folder: string | null
}

/** A config has few views, but every shot may have a grade of its own: tables of 3.3 MB, two a picture. */
const MOST_FILES = 32

/** Keeps what was baked by the config's hash. */
export function openLutCache({ configHash, folder }: LutCacheOptions): LutCache {
  const [kept, keptFiles] = [onceEach<MeasuredLook>(), onceEach<MeasuredLook>(MOST_FILES)]
  const baked = (request: BakeRequest, baker: LutBaker): Promise<Result<MeasuredLook>> => {
    const key = lookKey(request, configHash)
    return (request.look === undefined ? kept : keptFiles)(key, () => foundOrBaked(request, baker, { key, folder }))
  }
  const one = async (request: OutputLook, baker: LutBaker): Promise<Result<ReadyOne>> => {
    if (request.kind === "curve") return done({ look: request, says: null })
    const made = await baked(request, baker)
    if (!made.ok) return made
    const { look, error } = made.value
    return done({ look, says: look.kind === "curve" ? null : sentence(lookKey(request, configHash), error) })
  }
  return {
    baked,
    async ready(requests, baker) {
      const made = await Promise.all(
        Object.entries(requests).map(
          async ([name, request]) => [name, await one(request as OutputLook, baker)] as const,
        ),
      )
      const looks: [string, ReadyLook][] = []
      const says: Record<string, string> = {}
      for (const [name, look] of made) {
        if (!look.ok) return look
        looks.push([name, look.value.look])
        if (look.value.says !== null) says[`${name}Look`] = look.value.says
      }
      return done({ looks: byProfile(looks), says })
    },
  }
}

/** A look is baked for all pictures that want it: neither the end nor the folder of the first one's job matters to it. */
export const lutBakerOf = ({ tools, limits, guards }: ToolContext): LutBaker => ({
  oiiotool: { program: tools.oiiotool.program, version: tools.oiiotool.version },
  limits,
  guards,
  folder: tmpdir(),
  signal: new AbortController().signal,
})

type ReadyOne = { readonly look: ReadyLook; readonly says: string | null }

/** Which table it was, and how true: with every result, beside the tools' versions. */
const sentence = (key: string, { largest, mean }: LookError): string =>
  `${key}, off by ${mean.toFixed(5)} of 1 on average, ${largest.toFixed(5)} at most`

type Keeping = { readonly key: string; readonly folder: string | null }

async function foundOrBaked(
  request: BakeRequest,
  baker: LutBaker,
  { key, folder }: Keeping,
): Promise<Result<MeasuredLook>> {
  const found = folder === null ? null : await keptLook(folder, key)
  if (found !== null) return done(found)
  const look = await bakeLook(request, baker)
  if (!look.ok) return look
  const error = await checkLook(request, look.value, baker)
  if (!error.ok) return error
  const measured = { look: look.value, error: error.value }
  if (folder !== null) await keepLook(folder, key, measured)
  return done(measured)
}

/** A look made ready, and how far it is from the config's own. */
export type MeasuredLook = { readonly look: ReadyLook; readonly error: LookError }

type Table = Extract<ReadyLook, { readonly kind: "lut" }>

/** The first line of the file: the look, but for the values of a table, which follow as little-endian floats. */
type Head = {
  readonly format: typeof FORMAT
  readonly look: Exclude<ReadyLook, Table> | (Omit<Table, "lut"> & { readonly lut: Omit<Lut, "values"> })
  readonly error: LookError
  readonly sha256: string
}

const FORMAT = "look 1"

/** The recipe stands for how a look is baked: a look of another one is not found. */
const fileOf = (folder: string, key: string): string => join(folder, `${key}-${RECIPES.inProcess}.look`)

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** A look that was kept earlier under its key; null where there is none, or none that is whole: then it is baked again. */
export async function keptLook(folder: string, key: string): Promise<MeasuredLook | null> {
  const file = await readFile(fileOf(folder, key)).catch(() => Buffer.alloc(0))
  const end = file.indexOf("\n")
  if (end < 0) return null
  const bytes = Uint8Array.from(file.subarray(end + 1))
  const head = headOf(file.toString("utf8", 0, end))
  if (head?.format !== FORMAT || head.sha256 !== sha256(bytes)) return null
  const { look, error } = head
  if (look.kind === "curve") return { look, error }
  if (bytes.length !== look.lut.edge ** 3 * 12) return null
  return { look: { ...look, lut: { ...look.lut, values: new Float32Array(bytes.buffer) } }, error }
}

function headOf(line: string): Head | null {
  try {
    return JSON.parse(line) as Head
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Keeps a look for later processes; a folder that cannot be written to keeps none, which costs them a second. */
export async function keepLook(folder: string, key: string, { look, error }: MeasuredLook): Promise<void> {
  const bytes = look.kind === "lut" ? new Uint8Array(look.lut.values.buffer) : new Uint8Array(0)
  const head: Head = { format: FORMAT, look: headLook(look), error, sha256: sha256(bytes) }
  const unfinished = `${fileOf(folder, key)}.${process.pid}`
  const kept = async (): Promise<void> => {
    await makeFolder(folder)
    await writeFile(unfinished, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]))
    await rename(unfinished, fileOf(folder, key))
  }
  await kept().catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error
  })
}

function headLook(look: ReadyLook): Head["look"] {
  if (look.kind === "curve") return look
  const { edge, shaper } = look.lut
  return { ...look, lut: { edge, shaper } }
}
