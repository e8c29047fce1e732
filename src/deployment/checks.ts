import { existsSync } from "node:fs"
import { access, constants } from "node:fs/promises"
import { dirname } from "node:path"
import type { Result } from "../events/result.ts"
import type { NativeParts, PictureEngine } from "../picture/index.ts"
import { openScratch, scratchPlaces } from "../picture/scratch.ts"
import { findTool, vendorFoldersOf } from "../picture/tools/find-tool.ts"
import { findGuards } from "../picture/tools/run-tool.ts"
import { unsafeDisk } from "../state/local-disk.ts"
import type { Installation } from "./deployment-target.ts"
import { openPicture, type ToolSurroundings } from "./machine.ts"
import { userCacheFolder } from "./state-folder.ts"

/** One thing that the work needs. A `note` is better mended, but nothing fails for it. */
export type Check = { readonly what: string; readonly verdict: "ok" | "note" | "missing"; readonly says: string }

/** Before it, Node's SQLite loses parameters of statements. */
const OLDEST_NODE = [24, 7] as const

type Configured = Pick<Installation, "config">

/** Asks for everything that a machine needs which renders. */
export async function checkMachine(surroundings: ToolSurroundings, configured: Configured): Promise<readonly Check[]> {
  return [
    nodeCheck(),
    ...(await checkTools(surroundings, configured)),
    ...(await guardChecks()),
    await scratchCheck(configured),
  ]
}

/** Asks for what `setup` installs. */
export const checkTools = async (surroundings: ToolSurroundings, configured: Configured): Promise<readonly Check[]> => [
  ...(await toolChecks(surroundings, configured)),
  ...(await pictureChecks(surroundings, configured)),
]

/** Asks for everything that `run` needs, one by one. */
export async function checkAll(surroundings: ToolSurroundings, installation: Installation): Promise<readonly Check[]> {
  return [
    ...(await checkMachine(surroundings, installation)),
    await stateCheck(installation),
    ...(await folderChecks(installation)),
  ]
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  return {
    what: "node",
    verdict: isNew ? "ok" : "missing",
    says: isNew
      ? process.versions.node
      : `${process.versions.node} is too old: ${OLDEST_NODE.join(".")} or newer is needed.`,
  }
}

async function toolChecks({ env }: ToolSurroundings, { config }: Configured): Promise<readonly Check[]> {
  const vendorFolders = await vendorFoldersOf(userCacheFolder(env))
  const search = { vendorFolders, searchPath: env.PATH ?? "", guards: await findGuards() }
  const checks: Check[] = []
  for (const [name, setting] of [
    ["oiiotool", config.oiiotoolPath],
    ["ffmpeg", config.ffmpegPath],
  ] as const) {
    const tool = await findTool(name, { ...search, setting })
    checks.push(
      tool.ok
        ? { what: name, verdict: "ok", says: `${tool.value.version.text} at ${tool.value.program}` }
        : { what: name, verdict: "missing", says: tool.failure.says },
    )
  }
  return checks
}

async function pictureChecks(surroundings: ToolSurroundings, installation: Configured): Promise<readonly Check[]> {
  const picture = await openPicture(installation, surroundings, { asksTools: true })
  if (!picture.ok) return [{ what: CONFIG, verdict: "missing", says: picture.failure.says }]
  const checks = [await configCheck(picture.value, installation), ...(await libraryChecks(picture.value, installation))]
  await picture.value.close()
  return checks
}

const CONFIG = "OCIO config"

async function configCheck(picture: PictureEngine, { config }: Configured): Promise<Check> {
  const [missing] = await picture.missing()
  // The tool has a line of its own, and of the config nothing is known.
  if (missing?.code === "tool/missing")
    return { what: CONFIG, verdict: "note", says: "not asked: a picture tool is missing" }
  if (missing !== undefined) return { what: CONFIG, verdict: "missing", says: missing.says }
  const says = `${config.ocioConfigPath ?? "the bundled one"}, hash ${picture.configHash}, converts`
  return { what: CONFIG, verdict: "ok", says }
}

/** The engine on oiiotool has no use for it. */
async function libraryChecks(picture: PictureEngine, { config }: Configured): Promise<readonly Check[]> {
  if (config.engine === "oiiotool" || picture.nativeParts === undefined) return []
  return [libraryCheck(await picture.nativeParts())]
}

/** What is said of a native library that is there, or is not. */
export function libraryCheck(parts: Result<NativeParts>): Check {
  const what = "native library"
  if (!parts.ok) return { what, verdict: "note", says: `${parts.failure.says} ${WITHOUT_LIBRARY}` }
  const { compiler, versions, protection } = parts.value
  const named = [...Object.entries(versions).map((part) => part.join(" ")), `compiled by ${compiler}`].join(", ")
  const { refusesCalls, hidesProcesses } = protection
  if (!refusesCalls) return { what, verdict: "note", says: `${named}; ${UNREFUSED}` }
  return hidesProcesses
    ? { what, verdict: "ok", says: `${named}; ${CONFINED}` }
    : { what, verdict: "note", says: `${named}; ${UNHIDDEN}` }
}

const CONFINED = "what reads frames may neither write files, nor start programs, nor connect anywhere"
const UNREFUSED =
  "this kernel (seccomp) does not keep what reads frames from writing files, starting programs and connecting"
const UNHIDDEN = `${CONFINED}; this kernel (Landlock) does not keep it from seeing other processes`

const WITHOUT_LIBRARY = "Without it frames are made all the same, for two to four times the CPU."

async function guardChecks(): Promise<readonly Check[]> {
  const guards = await findGuards()
  const says = { prlimit: "limits the memory of picture tools", setpriv: "ends picture tools with their worker" }
  return (["prlimit", "setpriv"] as const).map((name) => ({
    what: name,
    verdict: guards[name] === null ? "note" : "ok",
    says: guards[name] === null ? `not found: it ${says[name]} (package util-linux)` : says[name],
  }))
}

/** Room for a 4K half-float frame and what is made of it. */
const FRAME_BYTES = 64 * 2 ** 20

async function scratchCheck(installation: Configured): Promise<Check> {
  const what = "scratch space"
  const room = await (await openScratch(scratchPlaces(installation.config.scratchDir))).open(FRAME_BYTES)
  if (!room.ok) return { what, verdict: "missing", says: room.failure.says }
  await room.value.remove()
  return { what, verdict: "ok", says: "room for a frame" }
}

async function stateCheck({ config: { stateDir } }: Installation): Promise<Check> {
  const what = "state"
  // Before the first run it is not there: then the folder counts in which it will be made.
  const unsafe = await unsafeDisk(existingAbove(stateDir))
  if (unsafe !== null) return { what, verdict: "missing", says: unsafe.says }
  return (await mayUse(existingAbove(stateDir), constants.W_OK | constants.X_OK))
    ? { what, verdict: "ok", says: `${stateDir}, on a local disk` }
    : { what, verdict: "missing", says: `${stateDir} cannot be written: name another directory with --state DIR.` }
}

const mayUse = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  )

const existingAbove = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : existingAbove(dirname(folder))

async function folderChecks({ root, outputs }: Installation): Promise<readonly Check[]> {
  const what = "folder of frames"
  if (outputs === null) {
    const mayWrite = await mayUse(root, constants.R_OK | constants.W_OK)
    const says = `${root} must be readable and writable: outputs go into .proxies/ folders inside it. --outputs names another folder for them.`
    return [{ what, verdict: mayWrite ? "ok" : "missing", says: mayWrite ? root : says }]
  }
  const mayRead = await mayUse(root, constants.R_OK | constants.X_OK)
  const place = existsSync(outputs.root) ? outputs.root : dirname(outputs.root)
  const mayMake = await mayUse(place, constants.W_OK | constants.X_OK)
  const wrong = place === outputs.root ? "written" : "made"
  return [
    { what, verdict: mayRead ? "ok" : "missing", says: mayRead ? root : `${root} must be readable.` },
    {
      what: "folder of outputs",
      verdict: mayMake ? "ok" : "missing",
      says: mayMake ? outputs.root : `${outputs.root} cannot be ${wrong}: name another folder with --outputs DIR.`,
    },
  ]
}
