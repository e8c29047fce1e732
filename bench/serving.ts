import { type ChildProcess, spawn } from "node:child_process"
import { mkdir, mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findInstallation } from "../src/deployment/deployment-target.ts"
import { openTarget } from "../src/deployment/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { okOf } from "./report.ts"

export const PROGRAM = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

/** An empty folder `shots` of its own, and the records of its state; whoever fills them closes them. */
export async function stateToFill() {
  const folder = join(await mkdtemp(join(tmpdir(), "bench-serve-")), "shots")
  await mkdir(folder)
  const installation = okOf(findInstallation({ env: process.env, cwd: folder, flags: {} }, folder))
  const surroundings = { clock: systemClock, observeKafka: () => undefined }
  const target = { kind: "folder", installation } as const
  const { records } = okOf(await openTarget(target, { mode: "own", command: "bench" }, surroundings))
  return { folder, bucket: installation.bucket, records }
}

export type ServerProcess = {
  readonly address: string
  readonly port: number
  readonly child: ChildProcess
  readonly stop: () => Promise<void>
}

/** Starts a server on a free port, and waits until it says where it is. */
export async function serving(command: string, args: readonly string[]): Promise<ServerProcess> {
  const limits = ["--serve-port", "0", "--serve-rate", "100000000"]
  const child = spawn(command, [...args, ...limits], { stdio: ["ignore", "ignore", "pipe"] })
  const ended = new Promise<null>((resolve) => child.once("close", () => resolve(null)))
  let said = ""
  const found = new Promise<string>((resolve) => {
    child.stderr.on("data", (chunk) => {
      said += chunk
      const address = /The console is at (http:\/\/[^/]+)\//.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
  const address = await Promise.race([found, ended])
  if (address === null) throw new Error(`serve: it did not start: ${said.slice(-800)}`)
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM")
    await ended
  }
  return { address, port: Number(new URL(address).port), child, stop }
}
