import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { expect, it, onTestFinished } from "vitest"
import { call } from "./machine/answers.ts"
import { sheetIn } from "./machine/sheet.ts"

const SCRIPT = fileURLToPath(new URL("../scripts/studio-samples", import.meta.url))

it("shows a folder like a studio's by its shots: movies that play, a gap, a damaged frame, and tiles that are no frames", async () => {
  const place = mkdtempSync(join(tmpdir(), "studio-"))
  onTestFinished(() => rmSync(place, { recursive: true }))
  const folder = join(place, "studio")
  execFileSync(SCRIPT, [folder])
  const ran = await call(["run", folder])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain(`\
sh010/comp_v001/sh010_comp_v001.#.exr  1001-1016  sh010/comp_v001/.proxies/sh010_comp_v001_movie.mp4
sh010/comp_v002/sh010_comp_v002.#.exr  1001-1016  sh010/comp_v002/.proxies/sh010_comp_v002_movie.mp4
sh020/beauty/sh020_beauty.#.exr  1001-1006,1009-1011,1013-1016  missing 1007-1008  failed 1012  sh020/beauty/.proxies/sh020_beauty_movie.mp4
sh030/scan/sh030_plate.#.dpx  86400-86409  sh030/scan/.proxies/sh030_plate_movie.mp4
`)
  expect(ran.stderr).toMatch(/, movies 4;/)
  const status = await call(["status", folder], { env: { LANG: "C.UTF-8" } })
  expect(status.stdout).toContain("4 sequences: 4 with a movie, 1 with gaps")
  expect(status.stdout).toContain("1001 ━━━━━━··━━━x━━━━ 1016")

  expect((await call(["contact-sheet", folder, "--out", join(folder, "sheet.html")])).stderr).toContain(
    "4 sequences, 60 frames",
  )
  const { shots, frames, failures } = sheetIn(join(folder, "sheet.html"))
  expect(shots.map(({ name, version, sprites }) => [name, version, sprites?.moments.length])).toEqual([
    ["sh010_comp_v001.#.exr", "001", 16],
    ["sh010_comp_v002.#.exr", "002", 16],
    ["sh020_beauty.#.exr", null, 13],
    ["sh030_plate.#.dpx", null, 10],
  ])
  const files = shots.flatMap(({ movie, poster, thumbnail, sprites }) => [
    movie,
    poster,
    thumbnail,
    sprites?.url ?? null,
  ])
  const stills = frames.filter(({ shot }) => shot === null)
  expect(stills.map(({ name }) => name)).toContain("crate_albedo.1001.tif")
  expect(stills).toHaveLength(5)
  for (const url of [...files, ...stills.map(({ proxy }) => proxy)])
    expect(existsSync(new URL(url ?? "nowhere", pathToFileURL(`${folder}/`))), `${url}`).toBe(true)
  expect(failures).toMatchObject([{ name: "sh020_beauty.1012.exr", shot: 2, number: 1012, code: "picture/damaged" }])

  execFileSync(SCRIPT, [folder])
  expect((await call(["run", folder])).stderr).toContain("Nothing to do: 60 frames up to date.")
})
