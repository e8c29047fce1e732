import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import type { Tool } from "../tools/find-tool.ts"
import { type Guards, type Limits, runTool } from "../tools/run-tool.ts"
import { type AppliedLook, layOutLook, type StepWithBytes, throughStep } from "./apply.ts"
import type { ReadLook } from "./look.ts"

type OcioTool = { readonly oiiotool: Tool; readonly limits: Limits; readonly guards: Guards }

type TriedStep = { readonly name: string; readonly step: StepWithBytes }

/** Files that one run of oiiotool reads: a facility may have a look for every shot. */
const AT_ONCE = 64

/**
 * Has OpenColorIO read every look file once, so that a damaged one ends the start and not each of its frames. Nothing else is
 * asked of it: spaces were looked at before. Fails: config/invalid with OpenColorIO's words, scratch/full.
 */
export async function tryLooks(looks: readonly ReadLook[], means: OcioTool): Promise<Result<void>> {
  const steps = looks.flatMap(stepsOf)
  const each = new Map(steps.map((tried) => [`${tried.step.sha256} ${tried.step.format} ${tried.step.id}`, tried]))
  const all = [...each.values()]
  for (let first = 0; first < all.length; first += AT_ONCE) {
    const batch = all.slice(first, first + AT_ONCE)
    const read = await readBy(batch, means)
    if (read.ok) continue
    for (const one of batch.length > 1 ? batch : []) {
      const alone = await readBy([one], means)
      if (!alone.ok) return alone
    }
    return read
  }
  return done(undefined)
}

/** Has OpenColorIO read one look. Fails as tryLooks does. */
export const tryLook = ({ name, steps }: AppliedLook, means: OcioTool): Promise<Result<void>> =>
  readBy(
    steps.map((step) => ({ name, step })),
    means,
  )

const stepsOf = ({ look, bytes }: ReadLook): readonly TriedStep[] =>
  look.steps.map((step) => ({
    name: look.name,
    step: { ...step, bytes: bytes.get(step.sha256) ?? new Uint8Array(0) },
  }))

async function readBy(batch: readonly TriedStep[], { oiiotool, limits, guards }: OcioTool): Promise<Result<void>> {
  const folder = await mkdtemp(join(tmpdir(), "looks-"))
  const steps = batch.map(({ step }) => step)
  try {
    const laidOut = await layOutLook(folder, { steps })
    if (!laidOut.ok) return laidOut
    const ran = await runTool({
      tool: "oiiotool",
      program: oiiotool.program,
      args: [
        "--threads",
        "1",
        "--pattern",
        "constant:color=0.2,0.4,0.6",
        "1x1",
        "3",
        ...steps.flatMap((_, index) => throughStep(index)),
      ],
      folder,
      limits,
      guards,
      signal: new AbortController().signal,
    })
    return ran.ok ? done(undefined) : failed(refused(batch[0]?.name ?? "", ran.failure))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const refused = (name: string, { code, says }: Failure): Failure =>
  code === "tool/missing" || code === "stopped"
    ? failure(code, says)
    : failure("config/invalid", `OpenColorIO cannot use the look file ${name}: ${says}`)
