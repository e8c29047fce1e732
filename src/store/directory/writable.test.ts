import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { asOrdinaryUser, type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf } from "../testing/store-fixture.ts"
import { type ObjectFile, objectFileOf } from "./object-file.ts"
import { openWritable } from "./writable.ts"

let fixture: FolderFixture
let object: ObjectFile
beforeEach(async () => {
  fixture = await openFolderFixture()
  const { ino } = await stat(fixture.root, { bigint: true })
  const bucket = { name: "show", root: fixture.root, ino }
  object = unwrap(objectFileOf(new Map([["show", bucket]]), fixture.ref("sh010/.proxies/a.jpg")))
  await mkdir(fixture.at("sh010/.proxies"), { recursive: true })
})
afterEach(() => fixture.release())

const LEFT_OVER = "sh010/.proxies/.object-metadata-probe-writable"
const inFolder = (): Promise<string[]> => readdir(fixture.at("sh010/.proxies"))

describe("asking whether a folder can be written", () => {
  it("leaves nothing, and removes what a process left that was killed while it asked", async () => {
    unwrap(await openWritable().check(object))
    expect(await inFolder()).toEqual([])
    await writeFile(fixture.at(LEFT_OVER), "")
    unwrap(await openWritable().check(object))
    expect(await inFolder()).toEqual([])
  })

  it("is answered to all who ask at the same moment", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => openWritable().check(object)))
    expect(answers.map(codeOf)).toEqual(answers.map(() => "ok"))
    expect(await inFolder()).toEqual([])
  })

  it("is no where the folder is read-only, whatever a killed process left there", async () => {
    await writeFile(fixture.at(LEFT_OVER), "")
    await chmod(fixture.at("sh010/.proxies"), 0o555)
    const answer = await asOrdinaryUser(fixture.root, () => openWritable().check(object))
    await chmod(fixture.at("sh010/.proxies"), 0o755)
    expect(codeOf(answer)).toBe("store/read-only")
  })
})
