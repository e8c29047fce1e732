import { findInstallation, type Installation } from "../deployment/deployment-target.ts"
import { openRecords, type Records } from "../deployment/folder.ts"
import type { Call, Ending } from "./command.ts"
import { giveUp } from "./terminal/io.ts"

/** How a command opens the state: to read beside whoever owns it, or as its owner under this name. */
export type Access = { readonly mode: "read" } | { readonly mode: "own"; readonly command: string }

/** Opens the records of the folder that the call is about, hands them to `work`, and closes them whatever happens. */
export async function withRecords(
  call: Call,
  given: string | null,
  access: Access,
  work: (records: Records, installation: Installation) => Promise<Ending>,
): Promise<Ending> {
  const installation = findInstallation(call, given)
  if (!installation.ok) return giveUp(call.io, installation.failure)
  const command = access.mode === "own" ? access.command : "read"
  const records = await openRecords(installation.value, { mode: access.mode, command, clock: call.clock })
  if (!records.ok) return giveUp(call.io, records.failure)
  try {
    return await work(records.value, installation.value)
  } finally {
    await records.value.close()
  }
}

/** The option that names the folder of frames, for commands whose arguments are something else. */
export const DIR_OPTION = {
  syntax: "--dir <dir>",
  says: "folder of frames (default: the nearest one from here upwards that has a state)",
}

export const DIR_PARAMETER = {
  syntax: "[dir]",
  says: "folder of frames (default: the nearest one from here upwards that has a state)",
}
