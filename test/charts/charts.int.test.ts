import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { failuresOf, rowsOf } from "../machine/answers.ts"
import { vendoredFfmpeg } from "../machine/ffmpeg.ts"
import { run } from "../machine/process.ts"
import { python } from "../machine/python.ts"
import { installChartPackages } from "../services/install/python-clients.ts"

/** The folder is the program: it draws the charts, knows their colours, and compares. */
const CHARTS = fileURLToPath(new URL(".", import.meta.url))

/** A point of a chart that came out otherwise than OpenImageIO and OpenColorIO say. */
type Difference = {
  readonly chart: string
  readonly where: string
  readonly wanted: readonly number[] | string
  readonly got: readonly number[] | string
}

/** Small proxies: the patches are as large in them as they need to be. compare.py knows the size. */
const SETTINGS = ["--proxy-width-px", "480", "--proxy-height-px", "270", "--proxy-preset", "ultrafast", "--all-formats"]

/** One line a point that is wrong: enough to find the chart in the tables, and what it shows. */
const told = ({ chart, where, wanted, got }: Difference): string =>
  `${chart}: ${where}: wanted ${String(wanted)}, got ${String(got)}`

describe("charts of known colours, drawn and judged by OpenImageIO, OpenColorIO, OpenEXR and tifffile", () => {
  const home = mkdtempSync(join(tmpdir(), "charts-"))
  const [dir, scratch] = [join(home, "charts"), join(home, "scratch")]
  let packages: string
  let names: readonly string[]

  beforeAll(async () => {
    packages = await installChartPackages()
    names = JSON.parse(await python({ script: CHARTS, args: ["make", dir], packages })) as readonly string[]
    await run(["run", dir, "--scratch", scratch, ...SETTINGS])
  }, 900_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it("are hundreds, each of another kind", () => {
    expect(names.length).toBeGreaterThanOrEqual(500)
  })

  it("are all made: none is accepted by failing", async () => {
    expect((await failuresOf({ dir })).map(({ key, code, says }) => `${key} ${code} ${says}`)).toEqual([])
    expect((await rowsOf({ dir })).map(({ s3_key }) => s3_key).sort()).toEqual([...names].sort())
  })

  it("show every patch within 4 codes, and every corner where it belongs, in thumbnail and proxy", async () => {
    const outputs = Object.fromEntries(
      (await rowsOf({ dir })).map(({ s3_key, thumbnail_s3_key, proxy_s3_key }) => [
        s3_key,
        { thumbnail: join(dir, thumbnail_s3_key), proxy: join(dir, proxy_s3_key) },
      ]),
    )
    const args = ["compare", dir, vendoredFfmpeg()]
    const said = await python({ script: CHARTS, args, stdin: JSON.stringify(outputs), packages })
    expect((JSON.parse(said) as readonly Difference[]).map(told)).toEqual([])
  }, 300_000)
})
