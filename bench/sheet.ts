import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import sharp from "sharp"
import { unwrap } from "../src/events/testing/results.ts"
import { sheetHtml } from "../src/sheet/html.ts"
import { readPageParts } from "../src/sheet/page-parts.ts"
import { frame, sheet } from "../src/sheet/testing/sheets.ts"
import { CHROMIUM, openChromium } from "../test/browser/chromium.ts"
import { debianMissing } from "../test/machine/debian.ts"
import { heading, median, row, target } from "./report.ts"

const COUNTS = [12, 500, 10_000]
const ROUNDS = 5
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

type Loaded = { readonly paintMs: number; readonly nodes: number; readonly heapMiB: number }

/** The contact sheet of single frames with thumbnails, in Chromium: first paint, elements, memory of the script, axe's findings. */
export async function benchSheet(): Promise<void> {
  heading("sheet: the contact sheet in Chromium, window of 1440x900")
  const missing = await debianMissing(CHROMIUM)
  if (missing !== null) return row("left out", missing)
  const folder = mkdtempSync(join(tmpdir(), "bench-sheet-"))
  const browser = await openChromium()
  try {
    for (const count of COUNTS) await measure(browser, await drawn(folder, count), count)
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true })
  }
}

/** A page whose tiles all show the same thumbnail of 256x256. */
async function drawn(folder: string, count: number): Promise<string> {
  const noise = { type: "gaussian", mean: 120, sigma: 40 } as const
  const create = { width: 256, height: 256, channels: 3, background: "black", noise } as const
  const thumbnail = join(folder, "thumbnail.jpg")
  await sharp({ create }).jpeg({ quality: 85 }).toFile(thumbnail)
  const frames = Array.from({ length: count }, (_, at) =>
    frame({
      folder: `seq${Math.floor(at / 500)}/`,
      name: `still_${at}.exr`,
      thumbnail: "./thumbnail.jpg",
      proxy: null,
    }),
  )
  const file = join(folder, `${count}.html`)
  writeFileSync(file, sheetHtml(sheet({ shots: [], failures: [], frames }), unwrap(readPageParts())))
  return file
}

async function measure(browser: Browser, file: string, count: number): Promise<void> {
  const rounds: Loaded[] = []
  let findings = 0
  for (let round = 0; round < ROUNDS; round++) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector(".tile img")
    rounds.push(await loadedOf(page))
    if (round === 0) findings = await axeFindings(page)
    const picture = process.env.BENCH_PICTURES
    if (round === 0 && picture !== undefined) await page.screenshot({ path: join(picture, `sheet-${count}.png`) })
    await page.close()
  }
  const of = (field: keyof Loaded): number => median(rounds.map((loaded) => loaded[field]))
  row(`${count} frames`, `${(statSync(file).size / 2 ** 20).toFixed(2)} MiB`, `${findings} findings of axe`)
  target({ what: "  first paint", measured: of("paintMs") / 1000, unit: "s", atMost: 2, digits: 2 })
  target({ what: "  elements", measured: of("nodes"), unit: "", atMost: 3000, digits: 0 })
  row("  memory of the script", `${of("heapMiB").toFixed(1)} MiB`)
}

async function loadedOf(page: Page): Promise<Loaded> {
  const painted = `performance.getEntriesByName("first-contentful-paint")[0]?.startTime`
  await page.waitForFunction(painted)
  const paintMs = await page.evaluate<number>(painted)
  const nodes = await page.evaluate<number>(`document.querySelectorAll("*").length`)
  const session = await page.context().newCDPSession(page)
  await session.send("HeapProfiler.collectGarbage")
  const { usedSize } = await session.send("Runtime.getHeapUsage")
  return { paintMs, nodes, heapMiB: usedSize / 2 ** 20 }
}

async function axeFindings(page: Page): Promise<number> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<{ readonly violations: readonly unknown[] }>("axe.run()")
  return violations.length
}
