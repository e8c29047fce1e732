import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it, onTestFinished } from "vitest"
import { call } from "./machine/answers.ts"

const SCRIPT = fileURLToPath(new URL("../scripts/studio-samples", import.meta.url))

/** Each video of the sheet: what is folded away below the movies has the movies of single frames. */
const videosOf = (page: string): readonly string[] =>
  [...page.matchAll(/<video [^>]*src="([^"]*)"/g)].map(([, src = ""]) => src)

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
  const page = readFileSync(join(folder, "sheet.html"), "utf8")
  const [sequences = "", stills = ""] = page.split('<section id="frames">')
  expect(videosOf(sequences).filter((src) => src.endsWith("_movie.mp4"))).toHaveLength(4)
  expect(sequences.match(/ poster="[^"]*_poster\.jpg"/g)).toHaveLength(4)
  expect(videosOf(stills)).toHaveLength(5)
  expect(stills).toContain("crate_albedo.1001.tif")

  execFileSync(SCRIPT, [folder])
  expect((await call(["run", folder])).stderr).toContain("Nothing to do: 60 frames up to date.")
})
