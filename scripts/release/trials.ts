/** What is tried of packages as they are installed. */

import { execFile } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { promisify } from "node:util"
import { currentSchemas } from "../../src/events/codec.ts"
import { factBytes, proxyMade } from "../../src/events/testing/facts.ts"
import { npm } from "./npm.ts"

const exec = promisify(execFile)

/** A project of somebody else that has installed the tarball and nothing besides, by npm on the Node of `nodeFolder`. */
export async function projectWith(home: string, tarball: string, nodeFolder: string | null = null): Promise<string> {
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "consumer", private: true }))
  const strict = nodeFolder === null ? [] : ["--engine-strict"]
  await npm(home, ["install", ...strict, "--no-audit", "--no-fund", "--prefer-offline", tarball], nodeFolder)
  return home
}

const SCHEMA_ID = 7

/** A registry on loopback that wants a token. */
async function guardedRegistry() {
  const server = createServer(({ headers, url }, response) => {
    const isKnown = headers.authorization === "Bearer let-me-in" && url === `/schemas/ids/${SCHEMA_ID}`
    response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ schema: currentSchemas.get("proxy-made") }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

/** Without its `v`. */
export const versionOf = async (node: string): Promise<string> =>
  (await exec(node, ["--version"])).stdout.trim().slice(1)

const NAMES = "{ openFactReader, registrySchemas }"

const consumer = (url: string): string => `
const bytes = Buffer.from("${factBytes(proxyMade(), SCHEMA_ID).toString("base64")}", "base64")
const read = async (token) => {
  const { value, failure } = await openFactReader(registrySchemas("${url}", { auth: { token } })).read("oiio.proxy-made", bytes)
  return failure?.code ?? value.value.proxy.key
}
Promise.all([read("let-me-in"), read("wrong")]).then((read) => console.log(JSON.stringify([process.versions.node, ...read])))
`

/**
 * What a consumer of this package reads in a project that has it, as a module and by `require`: Node's version, the key of a
 * fact, and the code with which a wrong token fails.
 */
export async function readEvents(project: string, name: string, node: string): Promise<readonly unknown[]> {
  const registry = await guardedRegistry()
  try {
    const read = async (file: string, load: string): Promise<unknown> => {
      writeFileSync(join(project, file), load + consumer(registry.url))
      return JSON.parse((await exec(node, [file], { cwd: project })).stdout)
    }
    return [
      await read("reads.mjs", `import ${NAMES} from "${name}"`),
      await read("reads.cjs", `const ${NAMES} = require("${name}")`),
    ]
  } finally {
    registry.close()
  }
}

/** What {@link readEvents} answers where all is well. */
export const readWell = (version: string): readonly unknown[] => {
  const read = [version, proxyMade().value.proxy.key, "registry/refused"]
  return [read, read]
}

/**
 * The demo by the command of a project that has the package: the picture tools come from its own `setup`, into a cache of its own.
 * `sources` is a checkout with the samples. Rejects with what was said.
 */
export async function runDemo(
  { project, nodeFolder }: { readonly project: string; readonly nodeFolder: string },
  sources: string,
  say: (text: string) => void,
): Promise<void> {
  const program = join(project, "node_modules/.bin/oiio-proxy-generator")
  const path = [nodeFolder, "/usr/local/bin", "/usr/bin", "/bin"].join(":")
  const cache = join(project, "cache")
  const env = { ...process.env, PATH: path, XDG_CACHE_HOME: cache, GENERATOR: program }
  say((await exec(program, ["setup"], { env, maxBuffer: 2 ** 26 })).stdout)
  // What makes the sample shots knows vendor/ alone; the command is to find the tools by itself.
  const tool = join(cache, "oiio-proxy-generator/vendor/OpenImageIO/bin/oiiotool")
  const shots = join(sources, "out/demo/samples/studio")
  await rm(join(sources, "out"), { recursive: true, force: true })
  await exec(join(sources, "scripts/studio-samples"), [shots], { env: { ...env, OIIO_OIIOTOOL_PATH: tool } })
  const demo = await exec(join(sources, "scripts/demo"), [], { env, maxBuffer: 2 ** 26 })
  say(demo.stdout.split("\n").slice(-4).join("\n"))
}
