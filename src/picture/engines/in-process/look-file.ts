import { createHash } from "node:crypto"
import { readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeFolder } from "../../../system/folders.ts"
import type { LookError } from "../../pixels/bake.ts"
import type { Lut } from "../../pixels/look.ts"
import type { ReadyLook } from "../../pixels/output-looks.ts"
import { RECIPES } from "../../recipes.ts"

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
