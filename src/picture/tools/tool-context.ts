import type { Result } from "../../events/result.ts"
import type { Tools } from "../engines/setup.ts"
import type { Tool } from "./find-tool.ts"
import type { Guards, Limits } from "./guards.ts"
import { runTool, type ToolOutput } from "./run-tool.ts"

/** Tools, and what they may use. */
export type Workshop = { readonly tools: Tools; readonly limits: Limits; readonly guards: Guards }

export type RunTool = (tool: Tool, args: readonly string[], input?: Uint8Array) => Promise<Result<ToolOutput>>

/** Runs tools in one folder, until one signal. Fails like runTool. */
export const toolRunner =
  (
    { limits, guards }: Pick<Workshop, "limits" | "guards">,
    place: { readonly folder: string; readonly signal: AbortSignal },
  ): RunTool =>
  (tool, args, input) =>
    runTool({
      ...place,
      tool: tool.name,
      program: tool.program,
      args,
      limits,
      guards,
      ...(input === undefined ? {} : { input }),
    })
