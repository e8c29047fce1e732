import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { folderOutputs, takeOutputsFolder } from "./outputs-elsewhere.ts"

let home: string
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "outputs-")))
  mkdirSync(join(home, "a/show"), { recursive: true })
})
afterEach(() => rmSync(home, { recursive: true }))

const at = (path: string): string => join(home, path)
const frames = () => ({ root: at("a/show"), bucket: "show" })
const placeOf = (path: string) => {
  const outputs = folderOutputs(at(path), frames())
  return outputs.ok ? (outputs.value?.place ?? null) : outputs.failure.says
}

it("another folder is a bucket of its own, also where it has the frames' name", () => {
  expect(placeOf("proxies")).toEqual({ bucket: "proxies", prefix: "" })
  expect(placeOf("b/show")).toEqual({ bucket: "show-outputs", prefix: "" })
})

it("the folder of frames itself, by whatever path, stands for beside the frames", () => {
  symlinkSync(at("a/show"), at("link"))
  expect([placeOf("a/show"), placeOf("a/../a/show"), placeOf("link")]).toEqual([null, null, null])
})

it("a folder among the frames is a part of their bucket", () => {
  expect(placeOf("a/show/out/proxies")).toEqual({ bucket: "show", prefix: "out/proxies/" })
  symlinkSync(at("a/show"), at("link"))
  expect(placeOf("link/out")).toEqual({ bucket: "show", prefix: "out/" })
})

it.each(["a", ".", "a/show/.proxies", "a/show/.oiio-proxy-generator/out", "file"])("%s is refused", (path) => {
  writeFileSync(at("file"), "")
  expect(placeOf(path)).toMatch(/^outputs: .*: name /)
})

it("a bucket is for servers", () => {
  expect(folderOutputs("s3://out/x", frames())).toMatchObject({ ok: false, failure: { code: "config/invalid" } })
})

const taken = (root: string) => {
  const of = { root, bucket: "show" }
  const outputs = folderOutputs(at("proxies"), of)
  if (!outputs.ok || outputs.value === null) throw new Error("no outputs elsewhere")
  return takeOutputsFolder(outputs.value, of)
}

it("is made where it is missing, but not with the folder above it, whose disk may not be mounted", () => {
  expect(taken(at("a/show"))).toBeNull()
  const outputs = { root: at("not/mounted"), place: { bucket: "mounted", prefix: "" } }
  expect(takeOutputsFolder(outputs, frames())).toMatchObject({
    code: "config/invalid",
    says: expect.stringMatching(/not does not exist: make it, or mount/),
  })
})

it("is taken by one folder of a name at a time, until that is gone", () => {
  mkdirSync(at("b/show"), { recursive: true })
  expect([taken(at("a/show")), taken(at("a/show"))]).toEqual([null, null])
  expect(taken(at("b/show"))).toMatchObject({ code: "config/invalid", says: expect.stringContaining(at("a/show")) })
  rmSync(at("a/show"), { recursive: true })
  expect(taken(at("b/show"))).toBeNull()
})
