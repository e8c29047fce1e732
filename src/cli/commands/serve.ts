import { randomBytes } from "node:crypto"
import { secretsOf } from "../../config/explain.ts"
import { SERVE_ROLES } from "../../config/table-serve.ts"
import { findTarget, type Installation } from "../../deployment/deployment-target.ts"
import { openStore } from "../../deployment/index.ts"
import type { FolderRecords } from "../../deployment/roles.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { done } from "../../events/result.ts"
import { hashOf } from "../../serve/access/access.ts"
import { openServer, type Server } from "../../serve/index.ts"
import { openWorkCounts, type WorkCounts } from "../../serve/live/work-counts.ts"
import { openServing, servingFolder } from "../../serve/open.ts"
import { openLogger } from "../../service/logger.ts"
import { visible } from "../../system/visible.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, surroundingsOf } from "../open-records.ts"
import { badUsage, cannotStart, giveUp } from "../terminal/io.ts"

async function run(call: Call): Promise<Ending> {
  const target = findTarget(call, call.args[0] ?? null)
  if (!target.ok) return giveUp(call.io, target.failure)
  const { config, settings } = target.value.kind === "folder" ? target.value.installation : target.value.platform
  const { io, clock, interrupts } = call
  const logger = openLogger({ config, stderr: io.stderr, secrets: secretsOf(settings) })
  const opening = { ...surroundingsOf(call), stop: interrupts.drain }
  const server = await openServer({
    ...{ config, clock, logger, version: generatorVersion() },
    open: (waits) => openServing(target.value, { ...opening, waits }),
  })
  if (!server.ok) return giveUp(io, server.failure)
  const ending = await untilStopped(call, server.value)
  await server.value.close()
  return ending
}

async function untilStopped({ io, interrupts: { drain } }: Call, server: Server): Promise<Ending> {
  const stopped = new Promise<null>((resolve) => {
    drain.addEventListener("abort", () => resolve(null), { once: true })
    if (drain.aborted) resolve(null)
  })
  const found = await Promise.race([server.opened, stopped])
  if (found === null) return "stopped"
  if (!found.ok) return drain.aborted ? "stopped" : cannotStart(io, found.failure)
  io.stderr.write(addressText(server))
  await stopped
  return "stopped"
}

/**
 * Serves a folder from the process that owns its state, as long as `work` runs: what is asked for over the API is done by the
 * same process.
 */
export async function servingWhile(
  call: Call,
  installation: Installation,
  {
    records,
    work,
  }: { readonly records: FolderRecords; readonly work: (observe: WorkCounts["observe"]) => Promise<Ending> },
): Promise<Ending> {
  const { config, settings } = installation
  const { io, clock } = call
  const store = await openStore({ kind: "folder", installation }, { clock })
  if (!store.ok) return giveUp(io, store.failure)
  // Beside the progress of the run only what somebody should look at.
  const logLevel = config.logLevel === "info" ? "warn" : config.logLevel
  const logger = openLogger({ config: { ...config, logLevel }, stderr: io.stderr, secrets: secretsOf(settings) })
  const counts = openWorkCounts(clock)
  const folder = servingFolder(installation, records, { clock, store: store.value })
  const opened = { ...folder, work: counts, close: store.value.close }
  const server = await openServer({
    ...{ config, clock, logger, version: generatorVersion() },
    open: async () => done(opened),
  })
  if (!server.ok) {
    await store.value.close()
    return giveUp(io, server.failure)
  }
  await server.value.opened
  io.stderr.write(addressText(server.value))
  const ending = await work(counts.observe)
  await server.value.close()
  return ending
}

const addressText = ({ address }: Server): string =>
  `The console is at ${visible(address)}/ and the API at ${visible(address)}/api/v1. Ctrl-C stops.\n`

export const serve: Command = {
  details:
    "Answers outputs, sequences, failures and the facts of a frame as JSON, with addresses that end (of thumbnails after 5 minutes, of proxies and movies after 60), and shows all of it on a page. On a folder it reads beside a run; `run --watch --serve` is both, and takes retries from the page. Only this machine reaches it, unless tokens or an authenticating proxy say who asks. `docs api` tells more.",
  parameters: [DIR_PARAMETER],
  options: [DIR_ALIAS],
  settings: ["state", "outputs", "output", "serve", "platform"],
  examples: [
    ["serve shots/", "then open http://127.0.0.1:8484/"],
    ["serve --serve-host 0.0.0.0", "on servers, with serveTokens in the settings file"],
  ],
  run,
}

const TOKEN_BYTES = 32

async function makeToken(call: Call): Promise<Ending> {
  const [name = ""] = call.args
  const role = textOption(call, "role") ?? "read"
  if (!SERVE_ROLES.some((known) => known === role)) return badUsage(call.io, `--role ${role}: read or write.`)
  if (!/^[\w.@+-]{1,100}$/.test(name)) return badUsage(call.io, "A name has letters, digits, and . @ + - _ alone.")
  const token = randomBytes(TOKEN_BYTES).toString("base64url")
  const hash = hashOf(token).toString("hex")
  call.io.stdout.write(`${token}\n`)
  call.io.stderr.write(
    `Keep the token: it is not shown again. Add to serveTokens in the settings file:\n  - { name: ${name}, role: ${role}, sha256: ${hash} }\n`,
  )
  return 0
}

export const token: Command = {
  details:
    "The token goes to standard output, what the settings file needs to standard error: a name, a role and a hash, from which nobody finds the token. Facts that are written with the token name it.",
  parameters: [{ syntax: "<name>", says: "who is to have it" }],
  options: [
    { syntax: "--role <role>", says: "read, or write, which reads as well (default: read)", choices: SERVE_ROLES },
  ],
  examples: [["token farm --role write", "a token that may ask for retries"]],
  run: makeToken,
}
