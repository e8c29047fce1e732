import { mkdtemp, readFile, rm } from "node:fs/promises"
import { request } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { certificateIn } from "../../../test/services/certificate.ts"
import { ANYBODY, givenHttpIntake } from "../testing/http-intake.ts"

let folder = ""
let pem: { readonly ca: string; readonly cert: string; readonly key: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "client-ca-"))
  const { ca } = await certificateIn(folder)
  const textOf = (name: string): Promise<string> => readFile(join(folder, name), "utf8")
  pem = { ca, cert: await textOf("server.pem"), key: await textOf("server.key") }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

type Certificate = { readonly cert?: string; readonly key?: string }

/** Status, or what the handshake failed with. */
const post = (port: number, certificate: Certificate): Promise<number | string> =>
  new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, method: "POST", ca: pem.ca, servername: "localhost", ...certificate }
    const sent = request(options, (answer) => resolve(answer.resume().statusCode ?? 0))
    sent.on("error", (error) => resolve("code" in error ? String(error.code) : error.message))
    sent.end(JSON.stringify({ s3_bucket: "b", s3_key: "a.exr" }))
  })

it("an intake with OIIO_INTAKE_CLIENT_CA lets senders in whose certificate that authority signed, and nobody else", async () => {
  const tls = { cert: pem.cert, key: pem.key, clientCa: pem.ca }
  const { port, arrived } = await givenHttpIntake({ access: { ...ANYBODY, tls } })
  expect(await post(port, {})).toEqual(expect.stringMatching(/^E/))
  expect(await arrived()).toEqual([])
  expect(await post(port, { cert: pem.cert, key: pem.key })).toBe(204)
  expect(await arrived()).toEqual(["b/a.exr"])
})
