import { mkdir, open, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf } from "../testing/store-fixture.ts"
import { openRegular } from "./object-file.ts"
import { isAt, openPlainFolders } from "./plain-folder.ts"

let fixture: FolderFixture
beforeEach(async () => {
  fixture = await openFolderFixture()
  await mkdir(fixture.at("shot"))
  await writeFile(fixture.at("shot/a.exr"), "ours")
})
afterEach(() => fixture.release())

function handClock() {
  let nowMs = 0
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { steadyMs: () => nowMs, pass }
}

/** Somebody puts a link to another folder, which holds the same names, in the place of this one. */
async function swapForLink(): Promise<void> {
  await rename(fixture.at("shot"), fixture.at("aside"))
  await mkdir(fixture.at("elsewhere"))
  await writeFile(fixture.at("elsewhere/a.exr"), "secret")
  await symlink(fixture.at("elsewhere"), fixture.at("shot"))
}

async function isOpenedAt(path: string): Promise<boolean> {
  const opened = await openRegular(path)
  if (opened === null) throw new Error(`${path} is no file`)
  try {
    return isAt(opened, path)
  } finally {
    await opened.handle.close()
  }
}

describe.skipIf(process.platform !== "linux")("an open file is at a path", () => {
  it("that leads to it without a link", async () => {
    expect(await isOpenedAt(fixture.at("shot/a.exr"))).toBe(true)
  })

  it("not where a link was on the way", async () => {
    await symlink(fixture.at("shot"), fixture.at("linked"))
    expect(await isOpenedAt(fixture.at("linked/a.exr"))).toBe(false)
  })

  it("not any more once its folder has another name, or it is gone", async () => {
    const path = fixture.at("shot/a.exr")
    const stat = { bigint: true } as const
    const handle = await open(path)
    const opened = { handle, stat: await handle.stat(stat) }
    await swapForLink()
    expect(isAt(opened, path)).toBe(false)
    await rm(fixture.at("aside"), { recursive: true })
    expect([isAt(opened, path), isAt(opened, fixture.at("aside/a.exr"))]).toEqual([false, false])
    await handle.close()
  })
})

describe("a folder that a link takes the place of", () => {
  it("is refused at once by all that read or store a file, and nothing of what the link leads to is told or touched", async () => {
    const { store, ref, put, fetch } = fixture
    const { etag } = unwrap(await store.head(ref("shot/a.exr")))
    await swapForLink()
    const fetched = await fetch("shot/a.exr", { ifMatch: etag })
    const range = await store.readRange(ref("shot/a.exr"), { start: 0, end: 4 })
    const absent = await store.readRange(ref("shot/none.exr"), { start: 0, end: 4 })
    expect([fetched.result, range, absent, await put("shot/a.exr", "mine")].map(codeOf)).toEqual(
      Array(4).fill("store/denied"),
    )
    expect(fetched.bytes).toBeNull()
    expect(await readFile(fixture.at("elsewhere/a.exr"), "utf8")).toBe("secret")
  })

  it("is taken for a folder for a quarter of a second, where it was one a moment ago, and no longer", async () => {
    const { steadyMs, pass } = handClock()
    const isPlainLately = openPlainFolders({ steadyMs })
    expect(await isPlainLately(fixture.at("shot"))).toBe(true)
    await swapForLink()
    pass(249)
    expect(await isPlainLately(fixture.at("shot"))).toBe(true)
    pass(1)
    expect(await isPlainLately(fixture.at("shot"))).toBe(false)
  })

  it("is looked at again at once where it was refused", async () => {
    const isPlainLately = openPlainFolders(handClock())
    await swapForLink()
    expect(await isPlainLately(fixture.at("shot"))).toBe(false)
    await rm(fixture.at("shot"))
    await rename(fixture.at("aside"), fixture.at("shot"))
    expect(await isPlainLately(fixture.at("shot"))).toBe(true)
  })
})
