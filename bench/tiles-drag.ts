import type { Browser, Page } from "playwright-core"
import { CHROMIUM, openChromium } from "../test/browser/chromium.ts"
import { serveTiles } from "../test/browser/tiles-server.ts"
import { debianMissing } from "../test/machine/debian.ts"
import { heading, row, target } from "./report.ts"

const TILES = 1_000_000

type Drag = { readonly how: string; readonly steps: number; readonly pauseMs: number }

/** Without a pause everything is only passed; with one a page is loaded and drawn at each step. */
const DRAGS: readonly Drag[] = [
  { how: "at once", steps: 120, pauseMs: 0 },
  { how: "with pauses", steps: 15, pauseMs: 180 },
]

/** What the scrollbar costs the browser's main thread: of the built page, over tiles that a server makes up. */
export async function dragToTheEnd(): Promise<void> {
  heading(`tiles: the scrollbar of ${TILES} tiles dragged to the end in Chromium, CPU of the main thread`)
  const missing = await debianMissing(CHROMIUM)
  if (missing !== null) return row("not measured", missing)
  const browser = await openChromium()
  const server = await serveTiles({ total: TILES, nameOf: (at) => `tile_${at}` })
  for (const drag of DRAGS) {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
    await page.goto(server.url)
    await page.waitForSelector(".tile:not(.pending)")
    const tasks = await tasksOf(browser, page, drag)
    const ms = tasks.map(({ tdur = 0 }) => tdur / 1000)
    target({ what: `longest task, ${drag.how}`, measured: Math.max(...ms), unit: "ms", atMost: 100 })
    row(`  all, in ${drag.steps} steps`, `${ms.reduce((sum, each) => sum + each, 0).toFixed(0)} ms`)
    await page.close()
  }
  await browser.close()
  await server.close()
}

type TraceEvent = {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** CPU of the thread, microseconds. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/** Tasks of the busiest main thread of a page, each with its CPU. */
async function tasksOf(browser: Browser, page: Page, drag: Drag): Promise<readonly TraceEvent[]> {
  await browser.startTracing(page, { categories: ["toplevel"] })
  await page.evaluate(`new Promise((resolve) => {
    const end = document.documentElement.scrollHeight
    let step = 0
    const next = () => {
      scrollTo(0, end * ++step / ${drag.steps})
      if (step === ${drag.steps}) setTimeout(resolve, 1000)
      else setTimeout(() => requestAnimationFrame(next), ${drag.pauseMs})
    }
    next()
  })`)
  const traced = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: readonly TraceEvent[] }
  const mains = traced.traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
  const each = mains.map(({ pid, tid }) =>
    traced.traceEvents.filter(
      (event) => event.pid === pid && event.tid === tid && event.ph === "X" && event.name.endsWith("::RunTask"),
    ),
  )
  const busiest = each.toSorted((a, b) => b.length - a.length)[0] ?? []
  if (busiest.length === 0) throw new Error("tiles: the trace of Chromium has no task of a main thread")
  return busiest
}
