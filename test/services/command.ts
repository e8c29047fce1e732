import { spawn } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { BucketAlreadyExists, BucketAlreadyOwnedByYou, CreateBucketCommand } from "@aws-sdk/client-s3"
import { installPlayers } from "../players/programs.ts"
import { askControl, type ServerState, wantFrom } from "./control.ts"
import { BUCKET, exportLines } from "./environment.ts"
import { installAll } from "./install/all.ts"
import { CACHE } from "./install/cache.ts"
import { installChartPackages } from "./install/python-clients.ts"
import { s3Client } from "./s3.ts"
import { tailOf } from "./server.ts"
import { isSupervised, SOCKET, supervise } from "./supervisor.ts"
import { SERVER_NAMES, type ServerName, VERSIONS } from "./versions.ts"

/** Where the developer's servers live; SERVICES_FOLDER is for a second set. */
const RUN_FOLDER = resolve(process.env.SERVICES_FOLDER ?? join(CACHE, "run"))
const SUPERVISOR_LOG = "supervisor.log"
const ENVIRONMENT = "environment"
const SUPERVISED_WITHIN_MS = 120_000

const USAGE = `usage: scripts/services start [server...]   start what is not running; prints the settings to export
       scripts/services status            what runs, where it logs
       scripts/services logs [-f] server  the end of a server's log; -f follows it
       scripts/services restart server... stop it, start it: same ports, same data
       scripts/services stop              stop all; data and ports are kept
       scripts/services wipe              stop all and remove their data
       scripts/services install           only fetch what is missing
servers: ${SERVER_NAMES.join(" ")}
`

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const serversAmong = (words: readonly string[]): readonly ServerName[] => {
  const unknown = words.find((word) => !SERVER_NAMES.includes(word as ServerName))
  if (unknown !== undefined) throw new Error(`no server is called ${unknown}; there are ${SERVER_NAMES.join(", ")}`)
  return words.length === 0 ? SERVER_NAMES : (words as readonly ServerName[])
}

const ensureSupervisor = async (): Promise<void> => {
  if (await isSupervised()) return
  const log = openSync(SUPERVISOR_LOG, "a", 0o600)
  const args = [import.meta.filename, "supervise"]
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] })
  closeSync(log)
  const deadline = performance.now() + SUPERVISED_WITHIN_MS
  while (!(await isSupervised())) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`the supervisor did not start:\n${await tailOf(SUPERVISOR_LOG)}`)
    }
    await sleep(50)
  }
  child.unref()
}

const askStates = async (): Promise<readonly ServerState[]> =>
  (await isSupervised()) ? ((await askControl(SOCKET, "/status")) as readonly ServerState[]) : []

const startOne = async (name: ServerName): Promise<void> => {
  const startedAt = performance.now()
  const hasEnded = (await askStates()).some((state) => state.name === name && !state.isRunning)
  if (hasEnded) await askControl(SOCKET, `/restart/${name}`)
  await askControl(SOCKET, `/want/${name}`)
  process.stderr.write(`services: ${name} is ready (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`)
}

/** A bucket to put frames into; the one of an earlier start stays. */
const makeBucket = async (): Promise<void> => {
  const client = s3Client(await wantFrom(SOCKET, "s3"))
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou) && !(error instanceof BucketAlreadyExists)) throw error
  } finally {
    client.destroy()
  }
}

const linesOf = async <N extends ServerName>(name: N): Promise<readonly string[]> =>
  exportLines(name, await wantFrom(SOCKET, name))

const start = async (words: readonly string[]): Promise<void> => {
  const names = serversAmong(words)
  await installAll(names.includes("s3") ? ["kafka", ...names] : names)
  await ensureSupervisor()
  await Promise.all(names.map(startOne))
  if (names.includes("s3")) await makeBucket()
  const states = await askStates()
  const lines = (await Promise.all(states.map(({ name }) => linesOf(name)))).flat()
  await writeFile(ENVIRONMENT, `${lines.join("\n")}\n`, { mode: 0o600 })
  for (const line of lines) say(line)
  process.stderr.write(`services: the same lines are in ${join(RUN_FOLDER, ENVIRONMENT)}\n`)
}

const status = async (): Promise<void> => {
  const states = await askStates()
  for (const name of SERVER_NAMES) {
    const state = states.find((one) => one.name === name)
    const how = state === undefined ? "not started" : state.isRunning ? `runs, pid ${state.pid}` : "has ended"
    say(`${name.padEnd(9)} ${VERSIONS[name].padEnd(7)} ${how}${state === undefined ? "" : `, log ${state.logPath}`}`)
  }
  process.exitCode = states.length > 0 && states.every((state) => state.isRunning) ? 0 : 3
}

const restart = async (words: readonly string[]): Promise<void> => {
  const states = await askStates()
  for (const name of serversAmong(words)) {
    if (states.some((state) => state.name === name)) await askControl(SOCKET, `/restart/${name}`)
    else throw new Error(`${name} was not started`)
  }
}

const stop = async (): Promise<void> => {
  if (await isSupervised()) await askControl(SOCKET, "/stop")
  await rm(ENVIRONMENT, { force: true })
}

const wipe = async (): Promise<void> => {
  await stop()
  process.chdir(CACHE)
  await rm(RUN_FOLDER, { recursive: true, force: true })
}

const logs = async (words: readonly string[]): Promise<void> => {
  const [name] = serversAmong(words.filter((word) => word !== "-f"))
  const path = join(RUN_FOLDER, name ?? "", `${name}.log`)
  if (!existsSync(path)) throw new Error(`${name} has no log yet: ${path}`)
  const follow = words.includes("-f") ? ["-f"] : []
  const tail = spawn("tail", ["-n", "100", ...follow, path], { stdio: "inherit" })
  await new Promise((resolve) => tail.once("exit", resolve))
}

/** All that the tests on servers need, charts and players included, or only what some servers do. */
const install = async (words: readonly string[]): Promise<void> => {
  const further = words.length === 0 ? [installChartPackages(), installPlayers()] : []
  await Promise.all([installAll(serversAmong(words)), ...further])
}

const verbs: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  start,
  status,
  restart,
  stop,
  wipe,
  logs,
  supervise,
  install,
}

const main = async ([verb = "", ...words]: readonly string[]): Promise<void> => {
  const work = verbs[verb]
  if (work === undefined) {
    process.stderr.write(USAGE)
    process.exitCode = 2
    return
  }
  mkdirSync(dirname(RUN_FOLDER), { recursive: true })
  if (!existsSync(RUN_FOLDER)) mkdirSync(RUN_FOLDER, { mode: 0o700 })
  process.chdir(RUN_FOLDER)
  try {
    await work(words)
  } catch (error) {
    process.stderr.write(`services: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 3
  }
}

await main(process.argv.slice(2))
