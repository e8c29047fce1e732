import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import sharp from "sharp"
import { afterEach, expect, it } from "vitest"
import { decodedPictures } from "../../src/picture/encode/mp4/testing/ffmpeg.ts"
import { answers, rowsOf, statusOf } from "../machine/answers.ts"
import { anyColour, flatScan } from "../machine/flat-scan.ts"
import { type Frames, FULL_PROXIES, openFrames } from "../machine/frames.ts"
import { start } from "../machine/process.ts"
import { argv, type Bench, benchOf, killed, undisturbed } from "./kills.ts"
import { seeded } from "./seeded.ts"

/** `make test-crash` asks for 100 kills and 300 uploads. A seed that failed is given back to repeat its changes. */
const KILLS = Number(process.env.CRASH_CHANGING_KILLS ?? 8)
const UPLOADS = 3 * KILLS
const SEED = Number(process.env.CRASH_SEED ?? Math.trunc(Math.random() * 2 ** 31))
/** Fewer names than uploads: many are overwritten, and some come again after they were deleted. */
const NAMES = Math.ceil((2 * UPLOADS) / 3)
const DELETIONS = 0.2
/** Runs that may come to their end before their kill, for each that is hit. */
const ATTEMPTS_PER_KILL = 5
/** A killed run leaves work to the next one, which may therefore live longer than any that was measured. */
const GROWTH_AFTER_KILL = 1.25

let frames: Frames
afterEach(() => frames.remove())

/** Colours of the frames that are there. */
type Live = Map<string, readonly number[]>

/** Puts a whole file at once, as copying tools do: beside it, then renamed. */
function put(key: string, bytes: Uint8Array): void {
  mkdirSync(dirname(frames.path(key)), { recursive: true })
  writeFileSync(frames.beside("upload"), bytes)
  renameSync(frames.beside("upload"), frames.path(key))
}

function change(live: Live, random: () => number): "upload" | "deletion" {
  const candidates = [...live.keys()]
  if (candidates.length > 0 && random() < DELETIONS) {
    const key = candidates[Math.floor(random() * candidates.length)] ?? ""
    rmSync(frames.path(key))
    live.delete(key)
    return "deletion"
  }
  const number = Math.floor(random() * NAMES)
  const colour = anyColour(random)
  const key = `sh0${number % 3}/plate.${1001 + number}.tif`
  put(key, flatScan(colour))
  live.set(key, colour)
  return "upload"
}

function changeThrice(live: Live, random: () => number): void {
  for (let uploads = 0; uploads < UPLOADS / KILLS; ) if (change(live, random) === "upload") uploads += 1
}

/**
 * Frames come, are replaced and go before every run. Kills are spread over the life of a run on this machine, which is
 * measured whenever one ends before its kill; another run follows it then. Gives the number of runs that were hit.
 */
async function killAmongChanges(bench: Bench, live: Live): Promise<number> {
  const random = seeded(SEED)
  changeThrice(live, random)
  let { durationMs: lifeMs } = await undisturbed(bench)
  let hits = 0
  for (let attempts = 0; hits < KILLS && attempts < ATTEMPTS_PER_KILL * KILLS; attempts += 1) {
    changeThrice(live, random)
    const begunMs = performance.now()
    const isHit = (await killed(bench, { afterMs: random() * lifeMs }, 0)) !== null
    hits += isHit ? 1 : 0
    lifeMs = isHit ? lifeMs * GROWTH_AFTER_KILL : performance.now() - begunMs
  }
  return hits
}

/** exr-inspector's formula, written a second time. */
function fileIdOf(key: string): string {
  const mtime = `${statSync(frames.path(key)).mtime.toISOString().slice(0, 19)}+00:00`
  const md5 = createHash("md5").update(key).digest("hex")
  return createHash("sha256").update(`${key}${mtime}${md5}`).digest("hex").slice(0, 16)
}

async function middleOf(jpeg: string): Promise<readonly number[]> {
  const middle = { left: 128, top: 128, width: 1, height: 1 }
  return [...(await sharp(readFileSync(jpeg)).extract(middle).removeAlpha().raw().toBuffer())]
}

const shownIn = async (key: string): Promise<readonly string[]> =>
  (await decodedPictures(frames.path(key))).map(([, sum]) => sum)

/** The movie of a shot shows each frame that is there as its proxy does, and the one before where one is missing. */
async function movieIsRight(shot: string, live: Live): Promise<void> {
  const there = [...live.keys()].filter((key) => key.startsWith(`${shot}/`)).map((key) => Number(key.slice(-8, -4)))
  const [first, ...others] = there.toSorted()
  if (first === undefined || others.length === 0) return
  const wanted: string[] = []
  for (let frame = first; frame <= (others.at(-1) ?? 0); frame += 1) {
    const [shown] = there.includes(frame)
      ? await shownIn(`${shot}/.proxies/plate.${frame}_proxy.mp4`)
      : wanted.slice(-1)
    wanted.push(shown ?? "")
  }
  expect([shot, await shownIn(`${shot}/.proxies/plate_movie.mp4`)]).toEqual([shot, wanted])
  const manifest = JSON.parse(readFileSync(frames.path(`${shot}/.proxies/plate_sequence.json`), "utf8"))
  expect(manifest.frames.map(({ frame }: { frame: number }) => frame)).toEqual(there.toSorted())
}

it(`has one current row and right outputs for every frame that is there, after ${KILLS} kills among uploads, overwrites and deletions`, {
  timeout: 60 * 60_000,
}, async () => {
  process.stderr.write(`crash test: ${KILLS} kills among changes, CRASH_SEED=${SEED}\n`)
  frames = openFrames()
  const bench = benchOf(frames)
  const live: Live = new Map()
  expect(await killAmongChanges(bench, live)).toBe(KILLS)
  expect(await start(argv(bench), { env: FULL_PROXIES }).ended).toMatchObject({ code: 0 })

  const where = { dir: frames.dir, state: bench.state }
  const rows = await rowsOf(where)
  expect(rows.map(({ s3_key }) => s3_key)).toEqual([...live.keys()].toSorted())
  for (const row of rows) {
    const { s3_key: key, thumbnail_s3_key: thumbnail, proxy_s3_key: proxy } = row
    expect([key, row.file_id]).toEqual([key, fileIdOf(key)])
    expect([key, row.thumbnail_size_bytes]).toEqual([key, statSync(frames.path(thumbnail)).size])
    expect([key, row.proxy_size_bytes]).toEqual([key, statSync(frames.path(proxy)).size])
    const [shown, wanted] = [await middleOf(frames.path(thumbnail)), live.get(key) ?? []]
    for (const [at, value] of wanted.entries()) expect(Math.abs((shown[at] ?? 0) - value)).toBeLessThanOrEqual(4)
  }
  expect((await statusOf(where)).states).toMatchObject({ queued: 0, done: live.size, failed: 0 })

  // What is gone has left its outputs behind, until somebody asks for them to go.
  await answers(["prune", "--yes", "--json", "--dir", frames.dir, "--state", bench.state])
  const outputs = frames.files().filter((key) => key.includes(".proxies/") && !key.includes(".object-metadata/"))
  const ofFrames = outputs.filter(
    (key) => !/plate_(movie\.mp4|sequence\.json|poster\.jpg|sprites\.(jpg|vtt))$/.test(key),
  )
  expect(ofFrames).toEqual(rows.flatMap((row) => [row.thumbnail_s3_key, row.proxy_s3_key]).toSorted())
  for (const shot of ["sh00", "sh01", "sh02"]) await movieIsRight(shot, live)
})
