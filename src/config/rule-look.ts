import { resolve } from "node:path"
import { lookFormatOf } from "../picture/looks/files.ts"
import type { ReadLook } from "../picture/looks/look.ts"
import { type LookRequest, readLook } from "../picture/looks/read-look.ts"

/** The look file of a rule: as it is asked for, and once it was read. */
export type RuleLook = { readonly request: LookRequest; readonly read: ReadLook | null }

/** What a rule may say of its look, besides its name. */
export const LOOK_KEYS = ["lookView", "lookSpace", "lookOutput", "lookId"] as const

type RawRule = Readonly<Record<string, unknown>>

/** Whether a rule's look is a file; else it is the name of a view. */
export const isLookFile = (look: unknown): look is string => typeof look === "string" && lookFormatOf(look) !== null

/** What is wrong with what a rule says of its look, as the end of the sentence "rule 2 ..."; null when nothing is. */
export function ruleLookProblem(raw: RawRule): string | null {
  const said = LOOK_KEYS.filter((key) => raw[key] !== undefined)
  if (said.length === 0) return null
  if (!isLookFile(raw.look)) return `says ${said[0]}, but its look is no file (.cdl, .cc, .ccc, .cube, .clf or .amf).`
  const format = lookFormatOf(raw.look)
  const spaces = said.find((key) => key === "lookSpace" || key === "lookOutput")
  if (format === "amf" && spaces !== undefined) return `says ${spaces}, but an AMF file states its spaces itself.`
  return said.includes("lookId") && format !== "ccc" && format !== "cdl"
    ? "says lookId, but only .cdl and .ccc files hold several corrections."
    : null
}

const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null)

/** The look file that a rule asks for; undefined where its look is a view, or none. */
export const ruleLookOf = ({ look, lookSpace, lookOutput, lookId }: RawRule): RuleLook | undefined =>
  isLookFile(look)
    ? {
        request: { name: look, space: textOr(lookSpace), output: textOr(lookOutput), id: textOr(lookId) },
        read: null,
      }
    : undefined

type ReadFile = Parameters<typeof readLook>[2]

/** Reads a rule's look file, from the folder of the file of settings. The problem is a whole sentence. */
export function readRuleLook(
  { request }: RuleLook,
  base: string,
  read: ReadFile,
): RuleLook | { readonly problem: string } {
  const path = resolve(base, request.name)
  const outcome = readLook(path, request, read)
  return "problem" in outcome
    ? { problem: `The look file ${path} ${outcome.problem}.` }
    : { request, read: Object.freeze(outcome.read) }
}
