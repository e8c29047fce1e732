import { type AmfStep, parseAmf } from "./amf.ts"
import { lookFormatOf, readReferred, readSmallFile, sha256Of, sound } from "./files.ts"
import type { LookFormat, LookStep, ReadLook } from "./look.ts"
import { parseXml, type XmlElement } from "./xml.ts"

/** A look file as somebody names it. */
export type LookRequest = {
  /** As it is named in settings, or its key. */
  readonly name: string
  /** Space that it is applied in, and that it gives; null for the usual ones of its kind. */
  readonly space: string | null
  readonly output: string | null
  /** Which correction of a collection; null for the only one. */
  readonly id: string | null
}

/** What was read, or what is wrong, as the end of a sentence about the file. */
type LookOutcome = { readonly read: ReadLook } | { readonly problem: string }

/** Grades are made on ACEScct's curve unless somebody says otherwise. */
const USUAL_SPACE = "ACEScct"
/** Look transforms of the Academy take and give this (S-2019-001). */
const ACADEMY_SPACE = "ACES2065-1"

/** Reads a look file, and all that it refers to, once: nothing is read of it again. */
export function readLook(path: string, request: LookRequest, read: typeof readSmallFile = readSmallFile): LookOutcome {
  const file = read(path)
  return "problem" in file ? file : lookOf(file.bytes, request, (reference) => readReferred(path, reference))
}

/** The look that bytes hold. `refer` reads a file that an AMF names. */
export function lookOf(
  bytes: Uint8Array,
  request: LookRequest,
  refer: (reference: string) => ReturnType<typeof readReferred>,
): LookOutcome {
  const format = lookFormatOf(request.name)
  if (format === null) return { problem: "is no .cdl, .cc, .ccc, .cube, .clf or .amf file" }
  return format === "amf" ? amfLook(bytes, request, refer) : plainLook(bytes, request, format)
}

function plainLook(bytes: Uint8Array, request: LookRequest, format: LookFormat): LookOutcome {
  const space = request.space ?? USUAL_SPACE
  const step = stepOf(bytes, { format, id: request.id, space, output: request.output ?? space })
  if ("problem" in step) return step
  const look = { name: request.name, sha256: sha256Of(bytes), steps: [step.step] }
  return { read: { look, inputSpace: null, bytes: new Map([[step.step.sha256, step.bytes]]) } }
}

type StepRequest = Pick<LookStep, "format" | "id" | "space" | "output">
type ReadStep = { readonly step: LookStep; readonly bytes: Uint8Array }

function stepOf(
  given: Uint8Array,
  { format, id, space, output }: StepRequest,
): ReadStep | { readonly problem: string } {
  const checked = sound(format, given)
  if ("problem" in checked) return checked
  const { bytes } = checked
  const step = { sha256: sha256Of(bytes), format, space, output }
  if (format !== "cdl" && format !== "ccc") return { step: { ...step, id: null }, bytes }
  const correction = correctionOf(bytes, id)
  return "problem" in correction ? correction : { step: { ...step, id: String(correction.index) }, bytes }
}

function amfLook(
  bytes: Uint8Array,
  { name }: LookRequest,
  refer: (reference: string) => ReturnType<typeof readReferred>,
): LookOutcome {
  const amf = parseAmf(bytes)
  if ("problem" in amf) return amf
  const steps: ReadStep[] = []
  for (const said of amf.steps) {
    const step = amfStep(said, refer)
    if ("problem" in step) return step
    steps.push(step)
  }
  const look = { name, sha256: sha256Of(bytes), steps: steps.map(({ step }) => step) }
  const held = new Map(steps.map(({ step, bytes: inside }) => [step.sha256, inside]))
  return { read: { look, inputSpace: amf.inputSpace, bytes: held } }
}

function amfStep(
  said: AmfStep,
  refer: (reference: string) => ReturnType<typeof readReferred>,
): ReadStep | { readonly problem: string } {
  const academy = { id: null, space: ACADEMY_SPACE, output: ACADEMY_SPACE }
  if (said.kind === "cdl")
    return stepOf(Buffer.from(said.text), { format: "cc", id: null, space: said.space, output: said.space })
  if (said.kind === "builtin")
    return { step: { ...academy, sha256: sha256Of(said.style), format: "builtin", id: said.style }, bytes: EMPTY }
  const what = `refers to ${JSON.stringify(said.reference.slice(0, 200))}, which`
  const format = lookFormatOf(said.reference)
  if (format === null || format === "amf") return { problem: `${what} is no .cdl, .cc, .ccc, .cube or .clf file` }
  const file = refer(said.reference)
  const isCdl = format === "cdl" || format === "cc" || format === "ccc"
  const asked = isCdl ? { id: said.id, space: said.space, output: said.space } : academy
  const step = "problem" in file ? file : stepOf(file.bytes, { ...asked, format })
  return "problem" in step ? { problem: `${what} ${step.problem}` } : step
}

const EMPTY = new Uint8Array(0)

/**
 * Which correction of a .cdl or .ccc file is meant, by its number as OpenColorIO counts them: the one of an id, or the only
 * one there is. The problem is the end of a sentence about the file.
 */
function correctionOf(bytes: Uint8Array, id: string | null): { readonly index: number } | { problem: string } {
  const root = parseXml(bytes)
  if ("problem" in root) return root
  const ids = allCorrections(root).map(({ attributes }) => attributes.get("id") ?? "")
  if (ids.length === 0) return { problem: "holds no ColorCorrection" }
  if (id === null && ids.length === 1) return { index: 0 }
  const named = `it has ${ids.length}: ${listed(ids)}`
  if (id === null) return { problem: `holds several corrections, and lookId has to say which one is meant; ${named}` }
  const index = ids.indexOf(id)
  return index < 0 ? { problem: `holds no correction with the id ${JSON.stringify(id)}; ${named}` } : { index }
}

const MOST_LISTED = 10

const listed = (ids: readonly string[]): string =>
  [...ids.slice(0, MOST_LISTED).map((id) => JSON.stringify(id)), ...(ids.length > MOST_LISTED ? ["..."] : [])].join(
    ", ",
  )

const allCorrections = (element: XmlElement): readonly XmlElement[] =>
  element.name === "ColorCorrection" ? [element] : element.children.flatMap(allCorrections)
