import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, Socket } from "node:net"
import type { Readable } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

/** The installed command. */
export const bin = fileURLToPath(new URL("../../../bin/oiio-proxy-generator", import.meta.url))

/** Where a stream of the command goes: a pipe, nowhere, an open file, a socket. */
export type Target = "pipe" | "ignore" | number | Socket

export type ChildOptions = {
  readonly cwd: string
  readonly stdout?: Target | undefined
  readonly stderr?: Target | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

export const startCommand = (
  args: readonly string[],
  { cwd, stdout = "pipe", stderr = "pipe", env = {} }: ChildOptions,
): ChildProcess => spawn(bin, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", stdout, stderr] })

/** All that comes out of a stream whose reader takes a breath after each piece. */
export async function slowly(stream: Readable | null): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream ?? []) {
    pieces.push(piece as Buffer)
    await sleep(2)
  }
  return Buffer.concat(pieces).toString()
}

/** Both ends of a connection; what reads has not begun. */
export async function connected() {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  const port = typeof address === "object" ? (address?.port ?? 0) : 0
  const taken = once(server, "connection") as Promise<[Socket]>
  const client = new Socket().connect(port, "127.0.0.1")
  await once(client, "connect")
  const [reading] = await taken
  return { client, reading, close: () => void server.close() }
}

export async function codeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  return child.exitCode
}
