import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ComposeService, readCompose } from "../machine/compose.ts"
import { CHECKOUT } from "../machine/npm.ts"
import { type Child, type Command, startChild } from "../services/child.ts"
import { freePort } from "../services/ports.ts"
import { tailOf } from "../services/server.ts"

/** A program of this machine in place of an image's: what the image runs, with the compose file's words after it. */
export type Program = Pick<Command, "file" | "args"> & { readonly env?: Readonly<Record<string, string>> }

export type Containers = {
  /** Where a port of a service is to be found on this machine. */
  readonly port: (service: string, port: number) => number
  /** Words of a service as they are on this machine: its volumes are folders, its hosts and ports loopback's. */
  readonly words: (service: string, text: string) => string
  readonly service: (name: string) => ComposeService
  /** Starts a service by the compose file's command line, as its user, without root's rights. */
  readonly starts: (name: string, program: Program) => Child
  /** Resolves when a service that ends by itself has ended well. */
  readonly completes: (name: string, program: Program) => Promise<void>
  readonly logOf: (name: string) => Promise<string>
  readonly close: () => Promise<void>
}

const isRoot = process.getuid?.() === 0

/** What `user`, `cap_drop` and `no-new-privileges` come to; without root's rights everything runs as whoever tests. */
function confined({ user = "0:0", cap_add = [] }: ComposeService, { file, args }: Program): Program {
  if (!isRoot) return { file, args }
  const [uid, gid] = user.split(":")
  const kept = ["-all", ...cap_add.map((name) => `+${name.toLowerCase()}`)].join(",")
  const rights = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", `--bounding-set=${kept}`]
  return { file: "setpriv", args: [...rights, "--", file, ...args] }
}

type Mount = { readonly target: string; readonly folder: string }

/** Everything that a service finds at a path of its own. A volume is empty and root's, as a fresh one is. */
function mountsOf({ volumes = [], tmpfs = [], user = "0:0" }: ComposeService, home: string): readonly Mount[] {
  const mounts = volumes.map((volume) => {
    const [source = "", target = ""] = volume.split(":")
    return { target, folder: source.startsWith(".") ? join(CHECKOUT, source) : join(home, "volumes", source) }
  })
  const memory = tmpfs.map((place) => {
    const target = place.split(":")[0] ?? ""
    return { target, folder: join(home, "tmpfs", `${user}${target}`.replaceAll(/[:/]/g, "-")) }
  })
  for (const { folder } of mounts) if (folder.startsWith(home)) mkdirSync(folder, { recursive: true })
  for (const { folder } of memory) {
    mkdirSync(folder, { recursive: true })
    if (isRoot) chownSync(folder, Number(user.split(":")[0]), Number(user.split(":")[1]))
  }
  return [...mounts, ...memory]
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** One pass over the text, so that what was put in is not looked at again. */
function placed(text: string, mounts: readonly Mount[]): string {
  const targets = mounts.map(({ target }) => target).sort((one, other) => other.length - one.length)
  if (targets.length === 0) return text
  const places = new RegExp(`(?<=^|[\\s:="'])(?:${targets.map(escaped).join("|")})(?=$|[/\\s;"'])`, "gm")
  return text.replace(places, (target) => mounts.find((mount) => mount.target === target)?.folder ?? target)
}

/** The compose file's containers as processes of this machine, in an empty folder: no engine is needed. */
export async function openContainers(env: Readonly<Record<string, string>>): Promise<Containers> {
  const { services } = readCompose(env)
  const home = realpathSync(mkdtempSync(join(tmpdir(), "compose-")))
  // Other users than the tests' own find their way to the volumes below.
  chmodSync(home, 0o711)
  const ports = new Map<string, number>()
  for (const [name, wanted] of Object.entries(PORTS)) {
    for (const port of wanted) ports.set(`${name}:${port}`, await freePort())
  }
  const service = (name: string): ComposeService => {
    const found = services[name]
    if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`)
    return found
  }
  const port = (name: string, number: number): number => ports.get(`${name}:${number}`) ?? number
  const words = (name: string, text: string): string =>
    placed(text, mountsOf(service(name), home)).replaceAll(HOSTS, (whole, host: string | undefined, number: string) => {
      const at = ports.get(`${host === undefined || OWN.has(host) ? name : host}:${number}`)
      return at === undefined ? whole : `127.0.0.1:${at}`
    })
  const logPath = (name: string): string => join(home, "logs", `${name}.log`)
  const live: Child[] = []
  const starts = (name: string, program: Program): Child => {
    const { command = [], environment = {} } = service(name)
    const given = Object.entries(environment).map(([key, value]) => [key, words(name, value)])
    const args = [...program.args, ...command.map((word) => words(name, word))]
    const child = startChild(
      {
        ...confined(service(name), { file: program.file, args }),
        cwd: "/",
        env: { HOME: "/nonexistent", ...Object.fromEntries(given), ...program.env },
      },
      logPath(name),
    )
    live.push(child)
    return child
  }
  return {
    port,
    words,
    service,
    starts,
    completes: async (name, program) => {
      const how = await starts(name, program).exited
      if (how !== "exit code 0") throw new Error(`${name} ended with ${how}:\n${await tailOf(logPath(name))}`)
    },
    logOf: (name) => tailOf(logPath(name)),
    close: async () => {
      for (const child of live.toReversed()) if (!child.hasExited()) await child.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Ports that services listen on inside their containers, which have a network of their own. */
const PORTS: Readonly<Record<string, readonly number[]>> = {
  kafka: [9092, 9093, 29092],
  registry: [8080, 9000],
  s3: [7070],
  trino: [8080],
  ingest: [8080, 9464],
  "worker-1": [9464],
  "worker-2": [9464],
  projector: [9464],
}

const OWN = new Set(["localhost", "127.0.0.1"])

/** `kafka:9092`, `localhost:9464`, and `:7070`, which is the service's own. */
const HOSTS = /(?:\b(kafka|registry|s3|trino|localhost|127\.0\.0\.1)|(?<![\w.])):(\d{4,5})\b/g
