import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { factsOf, linesOf, type Record, recordsOf, rowsOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames, samplePath } from "./machine/frames.ts"
import { type Started, start } from "./machine/process.ts"

let frames: Frames
let watching: Started
beforeEach(() => {
  frames = openFrames({ "there.exr": "window" })
})
afterEach(async () => {
  watching.send("SIGKILL")
  await watching.ended
  frames.remove()
})

/** Watches, and has made the frame that was there. */
async function watch(quietSeconds: number): Promise<void> {
  watching = start([
    "run",
    frames.dir,
    "--watch",
    ...["--watch-quiet-seconds", `${quietSeconds}`],
    "--watch-poll-seconds",
    "1",
  ])
  await watching.says("Watching")
  await eventually("the first frame is done", isDone("there.exr"))
}

const arrived = async (): Promise<readonly string[]> =>
  (await factsOf(frames, "element-created")).map(({ element }) => element.key)

const isDone = (key: string) => async (): Promise<boolean> =>
  (await rowsOf(frames)).some(({ s3_key }) => s3_key === key)

const end = async (signal: NodeJS.Signals): Promise<number | null> => {
  watching.send(signal)
  return (await watching.ended).code
}

it("takes what is there, then what is renamed in, from another folder or from a temporary name, and ends with 0", async () => {
  await watch(1)
  frames.add("../elsewhere/in.exr", "shifted")
  mkdirSync(frames.path("sh010"))
  renameSync(frames.path("../elsewhere/in.exr"), frames.path("sh010/in.exr"))
  copyFileSync(samplePath("stretched"), frames.path("sh010/.out.exr.tmp"))
  renameSync(frames.path("sh010/.out.exr.tmp"), frames.path("sh010/out.exr"))
  await eventually("the renamed frames are done", async () => {
    const keys = (await rowsOf(frames)).map(({ s3_key }) => s3_key)
    return keys.includes("sh010/in.exr") && keys.includes("sh010/out.exr")
  })
  expect(await arrived()).toEqual(["there.exr", "sh010/in.exr", "sh010/out.exr"])
  expect(await end("SIGTERM")).toBe(0)
})

it("takes a file that is copied slowly when it is whole, and only then", async () => {
  // Far more than the pauses between the pieces, even on a machine that is busy elsewhere.
  await watch(4)
  const bytes = readFileSync(samplePath("grey"))
  const pieces = 20
  writeFileSync(frames.path("slow.exr"), "")
  for (let piece = 0; piece < pieces; piece += 1) {
    const size = Math.ceil(bytes.length / pieces)
    appendFileSync(frames.path("slow.exr"), bytes.subarray(piece * size, (piece + 1) * size))
    expect(await arrived()).toEqual(["there.exr"])
    await sleep(300)
  }
  await eventually("the copied frame is done", isDone("slow.exr"))
  expect((await factsOf(frames, "element-failed")).length).toBe(0)
  const row = (await rowsOf(frames)).find(({ s3_key }) => s3_key === "slow.exr")
  expect(row?.source_size_bytes).toBe(bytes.length)
  expect(await arrived()).toEqual(["there.exr", "slow.exr"])
})

it("renders a frame again that is rendered over, and ends with 130 on Ctrl-C", async () => {
  await watch(1)
  copyFileSync(samplePath("shifted"), frames.path("there.exr"))
  const versions = async () => new Set((await factsOf(frames, "proxy-made")).map(({ source }) => source.sourceVersion))
  await eventually("it has two versions", async () => (await versions()).size >= 2)
  expect(await end("SIGINT")).toBe(130)
})

it("events --follow tells each fact as it happens, in another process, until it is stopped", async () => {
  await watch(1)
  const following = start(["events", "--follow", "--json", "--dir", frames.dir])
  await following.says(/"topic":"proxy-made".*there\.exr/)
  frames.add("new.exr", "stretched")
  // Of each frame these two come last, in either order.
  for (const file of ["there", "new"])
    for (const topic of ["proxy-made", "source-inspected"])
      await following.says(new RegExp(`"topic":"${topic}".*${file}\\.exr`))
  following.send("SIGINT")
  const { stdout } = await following.ended
  const told = linesOf<Record>(stdout).map(({ topic, offset }) => `${topic}/${offset}`)
  const logged = (await recordsOf(frames)).map(({ topic, offset }) => `${topic}/${offset}`)
  expect([...told].sort()).toEqual([...logged].sort())
})
