import { readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { RenderJob } from "../model.ts"
import type { IccLight } from "../read/colour/icc.ts"
import { ICC_SPACE, statedLight } from "../read/colour/stated-light.ts"
import type { HeaderOutcome } from "../read/header/bytes.ts"
import { iccBytes } from "../read/header/icc-profile.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import { fileNameFor } from "../read/header/model.ts"
import { readHeader } from "../read/header/read.ts"
import { readLocalHeader } from "../read/reading.ts"
import { onScratch } from "../scratch.ts"
import type { OcioConfig } from "./ocio-config.ts"
import type { PicturePlan } from "./plan.ts"

const FILES = { config: "icc.ocio", curves: "icc.spi1d" }
/** Points of each curve: between them it is straight, which no curve of a profile shows. */
const POINTS = 4096

type IccSource = { readonly job: RenderJob; readonly bundled: OcioConfig; readonly headerLimits: HeaderLimits }

/**
 * The plan of a source whose ICC profile is of no named space: curves and primaries are read from the source once more,
 * and become a space of a config in the job's folder. Any other plan stays as it is.
 * Fails: source/changed where the source has no such profile any more, source/gone, scratch/full.
 */
export async function withIccInput(plan: PicturePlan, source: IccSource): Promise<Result<PicturePlan>> {
  if (plan.input.space !== ICC_SPACE) return done(plan)
  const light = await lightOf(source)
  if (!light.ok) return light
  if (light.value === null) return failed(CHANGED)
  const { folder } = source.job
  const text = await readFile(source.bundled.path, "utf8")
  const { curves, matrix } = light.value
  const written = await onScratch(async () => {
    await writeFile(join(folder, FILES.curves), curveTable(curves))
    await writeFile(join(folder, FILES.config), `${text}${spaceText(matrix)}`)
    return done(undefined)
  })
  if (!written.ok) return written
  const config = { ...source.bundled, path: resolve(folder, FILES.config) }
  const input = { ...plan.input, config, linearSpace: "lin_rec709", shownSpace: "srgb_tx", matrix: [] }
  return done({ ...plan, input })
}

const CHANGED = failure("source/changed", "The source changed while its picture was made: its ICC profile is another.")

function lightOf({ job: { sourceFile, reading }, headerLimits }: IccSource): Promise<Result<IccLight | null>> {
  const { format, part: index } = reading.selection
  return readLocalHeader(
    sourceFile,
    (file): HeaderOutcome<IccLight | null> => {
      const header = readHeader(file, fileNameFor(format), headerLimits)
      if (header.kind !== "read") return header
      const part = header.value.parts[index]
      if (part === undefined) return { kind: "read", value: null }
      const bytes = iccBytes(file, part)
      return bytes.kind === "read" ? { kind: "read", value: statedLight(part, bytes.value) } : bytes
    },
    headerLimits,
  )
}

/** A table of OpenColorIO's: light of red, green and blue for code values from 0 to 1. */
function curveTable(curves: IccLight["curves"]): string {
  const rows = Array.from({ length: POINTS }, (_, point) =>
    curves.map((curve) => curve(point / (POINTS - 1)).toFixed(9)).join(" "),
  )
  return ["Version 1", "From 0.0 1.0", `Length ${POINTS}`, "Components 3", "{", ...rows, "}", ""].join("\n")
}

/** One more entry of the list that ends the bundled config. */
const spaceText = ([a, b, c, d, e, f, g, h, i]: IccLight["matrix"]): string => `  - !<ColorSpace>
    name: ${JSON.stringify(ICC_SPACE)}
    to_scene_reference: !<GroupTransform>
      children:
        - !<FileTransform> {src: ${FILES.curves}, interpolation: linear}
        - !<MatrixTransform> {matrix: [${[a, b, c, 0, d, e, f, 0, g, h, i, 0, 0, 0, 0, 1].map((one) => one.toFixed(10)).join(", ")}]}
        - !<ColorSpaceTransform> {src: lin_rec709, dst: ACES2065-1}
`
