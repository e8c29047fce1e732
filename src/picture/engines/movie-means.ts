import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { encodeBlackByTool } from "../encode/black.ts"
import { movieProblem } from "../encode/h264.ts"
import { jpegProblem } from "../encode/jpeg.ts"
import { soundArgs } from "../encode/sound/encode.ts"
import type { MovieDrawing, PictureEngine, PosterOrder } from "../index.ts"
import type { BlackOrder } from "../model.ts"
import { toolRunner } from "../tools/tool-context.ts"
import type { RenderProcesses } from "./render-processes.ts"
import type { Setup } from "./setup.ts"

type Means = { readonly setup: Pick<Setup, "tools" | "limits" | "guards">; readonly processes: RenderProcesses }

/** Pictures that stand for movies: ffmpeg decodes, render processes draw and encode. */
export const movieDrawing = (means: Means): MovieDrawing => ({
  async sheet(order, signal) {
    const drawn = await means.processes.sheet(order, { timeoutMs: means.setup.limits.timeoutMs, signal })
    if (!drawn.ok) return drawn
    const { width, height } = order.plan
    return sound(drawn.value.jpeg, { what: "sheet", width, height }, drawn)
  },
  poster: (order) => poster(order, means),
  black: (order, at) => black(order, at, means),
})

async function poster(
  { movieFile, folder, signal, ...picture }: PosterOrder,
  { setup, processes }: Means,
): Promise<Result<Uint8Array>> {
  const tools = await setup.tools()
  if (!tools.ok) return tools
  const ran = await toolRunner(setup, { folder, signal })(tools.value.ffmpeg, decoding(movieFile))
  if (!ran.ok) return ran
  const order = { ...picture, file: join(folder, DECODED) }
  const drawn = await processes.still(order, { timeoutMs: setup.limits.timeoutMs, signal })
  if (!drawn.ok) return drawn
  const { width, height } = picture
  return sound(drawn.value, { what: "poster", width, height }, drawn)
}

async function black(
  order: BlackOrder,
  at: { readonly folder: string; readonly signal: AbortSignal },
  { setup, processes }: Means,
): Promise<Result<Uint8Array>> {
  const encoded = await processes.black(order, { timeoutMs: setup.limits.timeoutMs, signal: at.signal })
  if (!encoded.ok) return encoded
  const tools = encoded.value === null ? await setup.tools() : null
  if (tools?.ok === false) return tools
  const movie =
    encoded.value === null && tools !== null
      ? await encodeBlackByTool(order, { ...at, tools: tools.value, run: toolRunner(setup, at) })
      : done(encoded.value ?? new Uint8Array())
  if (!movie.ok) return movie
  const problem = movieProblem(movie.value, { ...order, frames: 1 })
  return problem === null ? movie : failed(failure("tool/failed", problem))
}

/** The sound of a movie; its file is looked at by whoever reads it. */
export const soundEncoder =
  ({ setup }: Pick<Means, "setup">): PictureEngine["encodeSound"] =>
  async (order) => {
    const tools = await setup.tools()
    if (!tools.ok) return tools
    const ran = await toolRunner(setup, order)(tools.value.ffmpeg, soundArgs(order))
    return ran.ok ? done(undefined) : ran
  }

const DECODED = "picture.rgb"

/** zscale, because swscale's white is 236. The movie's code values stay: a player shows the poster as it shows the movie. */
const TO_RGB = "zscale=rangein=limited:range=full:matrixin=709:matrix=gbr,format=gbrp,format=rgb24"

const decoding = (movieFile: string): readonly string[] => [
  ...["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-threads", "1", "-filter_threads", "1"],
  ...["-i", movieFile, "-map", "0:v:0", "-frames:v", "1", "-vf", TO_RGB, "-f", "rawvideo", DECODED],
]

/** Nobody believes a process that reads hostile files. */
function sound<T>(jpeg: Uint8Array, ordered: Parameters<typeof jpegProblem>[1], drawn: Result<T>): Result<T> {
  const problem = jpegProblem(jpeg, ordered)
  return problem === null ? drawn : failed(failure("tool/failed", problem))
}
