import { existsSync } from "node:fs"
import { beginRenders } from "../../deployment/begin-renders.ts"
import { findInstallation, type Installation } from "../../deployment/deployment-target.ts"
import { makeStateFolder, userStateFolder } from "../../deployment/state-folder.ts"
import { visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import { giveUp } from "../terminal/io.ts"

// What works on the folder is loaded while render processes start.

async function run(call: Call): Promise<Ending> {
  const found = findInstallation(call, call.args[0] ?? null)
  if (!found.ok) return giveUp(call.io, found.failure)
  if (call.options.dryRun === true) return (await import("./run-dry.ts")).dryRun(call, found.value)
  const begun = await beginRenders(found.value)
  try {
    const { runFolder } = await import("./run-folder.ts")
    return await runFolder(call, withStateThatCanBe(call, found.value), begun)
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
  parameters: [{ syntax: "[dir]", says: "folder of frames (default: this one); its name is the bucket" }],
  options: [
    { syntax: "--watch", says: "go on and take new files as they arrive" },
    { syntax: "--dry-run", says: "say what would be done, and do nothing" },
  ],
  settings: ["state", "outputs", "pictures", "shown", "sequences", "colour", "tools", "work", "watch", "output"],
  examples: [
    ["run shots/", "makes what is missing, then ends"],
    ["run shots/ --watch", "goes on as files arrive"],
    ["run shots/ --dry-run", "lists what would be rendered"],
  ],
  run,
}
