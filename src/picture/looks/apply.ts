import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Colorspace } from "../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { OcioConfig } from "../engines/ocio-config.ts"
import { type Encoding, foreignSpace, shownSpaceOf, spaceNamed } from "../read/colour/spaces.ts"
import { onScratch } from "../scratch.ts"
import type { LookBytes, LookFile, LookStep } from "./look.ts"

/** A space as a config names it, and linear Rec.709 in the same config: light goes from one config to another as that. */
export type SpaceInConfig = { readonly configPath: string; readonly linearSpace: string; readonly space: string }

export type StepWithBytes = LookStep & { readonly bytes: Uint8Array }

export type AppliedStep = StepWithBytes & { readonly from: SpaceInConfig; readonly to: SpaceInConfig }

/** A look file as it is applied to one picture. */
export type AppliedLook = {
  readonly name: string
  readonly steps: readonly AppliedStep[]
  /** Where the look itself makes codes of a display: those, and no view, become the outputs. Null where a view follows. */
  readonly display: SpaceInConfig | null
}

/** The facility's config, with linear Rec.709 as it names it, and the bundled one. */
export type Configs = { readonly config: OcioConfig; readonly linearSpace: string; readonly bundled: OcioConfig }

const encodingOf = (space: string): Encoding => (spaceNamed(space) ?? foreignSpace(space)).encoding

/**
 * Whether a look concerns a source in such a space. One that is made for a scene leaves finished pictures alone, as views
 * do; one that is said to work in the codes of a display is applied to them, too. Data is no picture to be graded.
 */
export function concerns(
  { steps }: LookFile,
  { encoding, configSpace }: Pick<Colorspace, "encoding" | "configSpace">,
): boolean {
  const [first] = steps
  if (first === undefined || configSpace === "data") return false
  return encoding !== "display" || encodingOf(first.space) === "display"
}

/** The look as a config knows its spaces. Fails: config/invalid where this process does not hold the look's bytes. */
export function appliedLook(look: LookFile, configs: Configs, held: LookBytes): Result<AppliedLook> {
  const steps: AppliedStep[] = []
  for (const step of look.steps) {
    const bytes = held.bytesOf(look, step.sha256)
    if (bytes === undefined) return failed(failure("config/invalid", `The look file ${look.name} was not read here.`))
    steps.push({ ...step, bytes, from: placeOf(step.space, configs), to: placeOf(step.output, configs) })
  }
  const output = look.steps.at(-1)?.output ?? ""
  const display = encodingOf(output) === "display" ? placeOf(shownSpace(output), configs) : null
  return done({ name: look.name, steps, display })
}

const shownSpace = (space: string): string => shownSpaceOf(spaceNamed(space)?.configSpace ?? space)

/** In the facility's config, under any of its names that are known; else in the bundled one. */
function placeOf(name: string, { config, linearSpace, bundled }: Configs): SpaceInConfig {
  const known = spaceNamed(name)
  const names = known === undefined ? [name] : [name, known.configSpace, ...known.interopIds, ...known.aliases]
  const theirs = names.find((one) => config.spaces.has(one))
  return theirs === undefined
    ? { configPath: bundled.path, linearSpace: "lin_rec709", space: known?.configSpace ?? name }
    : { configPath: config.path, linearSpace, space: theirs }
}

/** oiiotool's arguments from linear Rec.709 through a look, back to linear Rec.709. The config is another afterwards. */
export const lookArgs = ({ steps }: Pick<AppliedLook, "steps">): readonly string[] =>
  steps.flatMap(({ from, to }, index) => [
    ...["--colorconfig", from.configPath, ...converted(from.linearSpace, from.space)],
    ...throughStep(index),
    ...["--colorconfig", to.configPath, ...converted(to.space, to.linearSpace)],
  ])

/** Through the step of this number alone, its numbers as they are. */
export const throughStep = (index: number): readonly string[] => [
  ...["--colorconfig", fileOf(index, "ocio"), ...converted("before", "after")],
]

/** From linear Rec.709 of any config to a space of one. */
export const arriveAt = ({ configPath, linearSpace, space }: SpaceInConfig): readonly string[] => [
  ...["--colorconfig", configPath, ...converted(linearSpace, space)],
]

const converted = (from: string, to: string): readonly string[] => (from === to ? [] : ["--colorconvert", from, to])

const fileOf = (index: number, ending: string): string => `look-${index}.${ending}`

/** Lays out, in the folder that oiiotool runs in, what {@link lookArgs} name. Fails: scratch/full. */
export const layOutLook = (
  folder: string,
  { steps }: { readonly steps: readonly StepWithBytes[] },
): Promise<Result<void>> =>
  onScratch(async () => {
    for (const [index, step] of steps.entries()) {
      // OpenColorIO reads a file once, however many corrections of it are asked for.
      const holder = steps.findIndex(({ sha256, format }) => sha256 === step.sha256 && format === step.format)
      await writeFile(join(folder, fileOf(index, "ocio")), configText(step, holder))
      if (step.format !== "builtin" && holder === index)
        await writeFile(join(folder, fileOf(index, step.format)), step.bytes)
    }
    return done(undefined)
  })

/** A config of two spaces with the step between them: OpenColorIO's own readers are the judges of the file. */
const configText = (step: LookStep, holder: number): string => `ocio_profile_version: 2.1
roles: {default: before}
file_rules:
  - !<Rule> {name: Default, colorspace: default}
displays:
  none:
    - !<View> {name: none, colorspace: before}
colorspaces:
  - !<ColorSpace> {name: before}
  - !<ColorSpace>
    name: after
    from_scene_reference: ${transformText(step, holder)}
`

function transformText({ format, id }: LookStep, holder: number): string {
  if (format === "builtin") return `!<BuiltinTransform> {style: ${JSON.stringify(id)}}`
  const correction = id === null ? "" : `, cccid: ${JSON.stringify(id)}`
  return `!<FileTransform> {src: ${fileOf(holder, format)}${correction}, interpolation: best}`
}
