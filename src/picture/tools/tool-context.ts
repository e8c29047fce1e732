import type { Result } from "../../events/result.ts"
import type { Tool } from "./find-tool.ts"
import { type Guards, type Limits, runTool, type ToolOutput } from "./run-tool.ts"

/** The two tools that an installation has. */
export type Tools = { readonly oiiotool: Tool; readonly ffmpeg: Tool }

/** Tools, and what they may use. */
export type ToolContext = { readonly tools: Tools; readonly limits: Limits; readonly guards: Guards }

export type RunTool = (
  tool: Tool,
  args: readonly string[],
  input?: readonly Uint8Array[],
) => Promise<Result<ToolOutput>>

/** Runs tools in one folder, until one signal. Fails like runTool. */
export const toolRunner =
  (
    { limits, guards }: Pick<ToolContext, "limits" | "guards">,
    where: { readonly folder: string; readonly signal: AbortSignal },
  ): RunTool =>
  (tool, args, input) =>
    runTool({
      ...where,
      tool: tool.name,
      program: tool.program,
      args,
      limits,
      guards,
      ...(input === undefined ? {} : { input }),
    })
