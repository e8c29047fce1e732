import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type ServedFolder, serveFolder } from "./serve-folder.ts"

const home = mkdtempSync(join(tmpdir(), "served-"))
let served: ServedFolder

beforeAll(async () => {
  mkdirSync(join(home, "shown/sh 010"), { recursive: true })
  writeFileSync(join(home, "shown/sh 010/a.mp4"), "0123456789")
  writeFileSync(join(home, "secret"), "outside")
  served = await serveFolder(join(home, "shown"))
})
afterAll(async () => {
  await served.close()
  rmSync(home, { recursive: true })
})

const get = async (path: string, range?: string) => {
  const response = await fetch(`${served.url}/${path}`, { headers: range === undefined ? {} : { range } })
  return [response.status, response.headers.get("content-range"), await response.text()]
}

it("serves files whole, by the type that their name says", async () => {
  expect(await get("sh%20010/a.mp4")).toEqual([200, null, "0123456789"])
  expect((await fetch(`${served.url}/sh%20010/a.mp4`)).headers.get("content-type")).toBe("video/mp4")
})

it.each([
  ["bytes=0-", "bytes 0-9/10", "0123456789"],
  ["bytes=2-4", "bytes 2-4/10", "234"],
  ["bytes=8-100", "bytes 8-9/10", "89"],
  ["bytes=-3", "bytes 7-9/10", "789"],
])("serves the part that %s asks for", async (range, says, text) => {
  expect(await get("sh%20010/a.mp4", range)).toEqual([206, says, text])
})

it("refuses what is beyond the end, what is not there, and what lies outside", async () => {
  expect(await get("sh%20010/a.mp4", "bytes=10-")).toEqual([416, "bytes */10", ""])
  expect(await get("b.mp4")).toEqual([404, null, ""])
  expect((await get("..%2fsecret"))[0]).toBe(404)
})
