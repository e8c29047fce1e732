import { existsSync } from "node:fs"
import { beginRenders } from "../../deployment/begin-renders.ts"
import type { Installation } from "../../deployment/deployment-target.ts"
import { makeStateFolder, userStateFolder } from "../../deployment/state-folder.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import { findPointedAt } from "../selection.ts"
import { badUsage, giveUp } from "../terminal/io.ts"

// What works on the folder is loaded while render processes start.

async function run(call: Call): Promise<Ending> {
  if (call.options.serve === true && call.options.watch !== true)
    return badUsage(call.io, "--serve goes with --watch; `serve` shows a folder without working on it.")
  const found = findPointedAt(call)
  if (!found.ok) return giveUp(call.io, found.failure)
  if (call.options.dryRun === true) return (await import("./run-dry.ts")).dryRun(call, found.value)
  const begun = await beginRenders(found.value.installation, call)
  try {
    const { runFolder } = await import("./run-folder.ts")
    return await runFolder(
      call,
      { ...found.value, installation: withStateThatCanBe(call, found.value.installation) },
      begun,
    )
  } finally {
    await begun?.close()
  }
}

/** Keeps the state in the user's state folder if the folder of frames cannot hold it or is to stay untouched. */
function withStateThatCanBe(call: Call, installation: Installation): Installation {
  const { settings, root, outputs } = installation
  const { stateDir: wanted } = settings.config
  if (settings.origins.stateDir.kind !== "default" || existsSync(wanted)) return installation
  const stateDir = userStateFolder(root, call.env)
  // With outputs elsewhere, nothing is to be written among the frames.
  if (stateDir === null || (outputs === null && makeStateFolder(wanted))) return installation
  const why = outputs === null ? `${root} cannot be written` : "outputs go elsewhere"
  call.io.stderr.write(`${visible(why)}: the state is kept in ${visible(stateDir)}.\n`)
  const config = { ...settings.config, stateDir }
  return { ...installation, config, settings: { ...settings, config } }
}

export const runCommand: Command = {
  details:
    "Outputs go into .proxies/ beside the frames, or where --outputs says; frames of a sequence also become a movie there, stitched of their proxies without encoding anew. What is done is not done again; outputs that somebody deleted are made again; frames that failed for good are listed, not retried (`failures retry` does that). It can be stopped at any moment: the next run goes on where this one ended.",
  parameters: [
    {
      syntax: "[paths...]",
      says: "folder of frames (default: this one); its name is the bucket. Or files, folders and patterns: a.####.exr, a.%04d.exr, a.@@@@.exr, 'sh0*/**/*.exr'; then the folder of frames is the nearest one around them that has a state, else the one that holds them all",
    },
  ],
  options: [
    {
      syntax: "--include <pattern>",
      says: "only frames that it takes in: by the name of the file or of a folder; with a slash by the path below the folder of frames. Can be repeated",
      repeats: true,
    },
    {
      syntax: "--exclude <pattern>",
      says: "none of the frames that it takes in, likewise; it goes before all others. Can be repeated",
      repeats: true,
    },
    {
      syntax: "--frames <ranges>",
      says: "only frames of these numbers: 1001-1100, 1001-1100x10 (every tenth), 1001,1005-1010",
    },
    { syntax: "--watch", says: "go on and take new files as they arrive" },
    { syntax: "--serve", says: "with --watch: answer the API and show the console meanwhile, from the same process" },
    { syntax: "--dry-run", says: "say what would be done, and do nothing" },
  ],
  settings: [
    "state",
    "outputs",
    "pictures",
    "shown",
    "sequences",
    "colour",
    "tools",
    "work",
    "watch",
    "output",
    "serve",
  ],
  examples: [
    ["run shots/", "makes what is missing, then ends"],
    ["run shots/sh010/beauty.####.exr", "one sequence"],
    ["run shots/ --exclude tmp --frames 1001-1100x10", "every tenth frame, but for those in folders called tmp"],
    ["run shots/ --watch", "goes on as files arrive"],
    ["run shots/ --watch --serve", "goes on, and shows what happens at http://127.0.0.1:8484/"],
    ["run shots/ --dry-run", "lists what would be rendered"],
  ],
  run,
}
