import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { debianMissing } from "../machine/debian.ts"
import { flatScan } from "../machine/flat-scan.ts"
import { type Frames, openFrames, samplePath } from "../machine/frames.ts"
import { type Started, start } from "../machine/process.ts"
import { freePort } from "../services/ports.ts"
import { CHROMIUM, openChromium } from "./chromium.ts"

const missing = await debianMissing(CHROMIUM)

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

const FIRST = 1001
const COUNT = 12

/** Levels that a movie keeps apart. */
const LEVELS = [40, 100, 160, 220]

/** A colour that says which frame it is: two digits to the base of four, as red and green. */
const colourOf = (number: number): readonly number[] => {
  const index = number - FIRST
  return [LEVELS[index % 4] ?? 0, LEVELS[Math.floor(index / 4)] ?? 0, 100]
}

/** Which frame the movie shows, by its colour. */
const SHOWN = `(() => {
  const video = document.querySelector(".stage video")
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
  const context = canvas.getContext("2d")
  context.drawImage(video, video.videoWidth / 2 - 4, video.videoHeight / 2 - 4, 8, 8, 0, 0, 1, 1)
  const [red, green] = context.getImageData(0, 0, 1, 1).data
  const digit = (level) => Math.max(0, Math.min(3, Math.round((level - 40) / 60)))
  return ${FIRST} + digit(red) + 4 * digit(green)
})()`

const SEEN = `Number(document.querySelector(".number").textContent)`

describe.skipIf(missing !== null)(`the console in a browser${missing === null ? "" : ` (${missing})`}`, () => {
  let browser: Browser
  let frames: Frames
  let running: Started
  let address: string
  const complaints: string[] = []

  beforeAll(async () => {
    browser = await openChromium()
    frames = openFrames()
    const quiet = ["--watch-quiet-seconds", "1", "--watch-poll-seconds", "1", "--sequence-quiet-seconds", "1"]
    const port = await freePort()
    running = start(["run", frames.dir, "--watch", "--serve", "--serve-port", `${port}`, ...quiet])
    address = `http://127.0.0.1:${port}/`
    await running.says(`The console is at ${address}`)
  })
  afterAll(async () => {
    await browser.close()
    running.send("SIGTERM")
    await running.ended
    frames.remove()
  })

  /** Always the same version to whoever watches the folder: what is made of it anew, the retry has made. */
  function writeSource(bytes: Uint8Array): void {
    writeFileSync(frames.path("plates/broken.exr"), bytes)
    utimesSync(frames.path("plates/broken.exr"), 1_775_001_600, 1_775_001_600)
  }

  type Look = { readonly colorScheme?: "dark" | "light"; readonly width?: number }

  async function opened(hash = "", { colorScheme = "dark", width = 1280 }: Look = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
    page.setDefaultTimeout(120_000)
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(String(error.stack)))
    await page.goto(`${address}${hash}`)
    return page
  }

  const tileNames = (page: Page): Promise<readonly string[]> => page.locator(".tile .name").allTextContents()
  const shots = async (page: Page) => (await tileNames(page)).filter((name) => name.includes("#")).toSorted()

  it("fills its grid while frames arrive, and needs no reload", async () => {
    const page = await opened()
    await expect.poll(() => page.locator(".nothing").textContent()).toContain("Nothing here yet")
    for (const folder of ["sh010/comp_v001", "sh010/comp_v002", "plates"])
      mkdirSync(frames.path(folder), { recursive: true })
    for (let number = FIRST; number < FIRST + COUNT; number++) {
      writeFileSync(frames.path(`sh010/comp_v001/comp_v001.${number}.tif`), flatScan([200, 200, 200]))
      writeFileSync(frames.path(`sh010/comp_v002/comp_v002.${number}.tif`), flatScan(colourOf(number)))
    }
    writeSource(readFileSync(samplePath("window")).fill(0, 8, 200))
    frames.add("plates/grey.exr", "grey")
    await expect.poll(() => shots(page)).toEqual(["comp_v001.#.tif", "comp_v002.#.tif"])
    await expect.poll(() => tileNames(page)).toHaveLength(4)
    await expect.poll(() => page.locator(".tile .about.bad").textContent()).toBe("picture/damaged")
    const bars = page.locator(`[aria-description="Frames ${FIRST}–${FIRST + COUNT - 1}"]`)
    await expect.poll(() => bars.count()).toBe(2)
    await page.close()
    expect(complaints).toEqual([])
  })

  async function playing(): Promise<Page> {
    const page = await opened()
    await page.getByLabel("Open comp_v002").click()
    await expect.poll(() => page.evaluate(`document.querySelector(".stage video")?.readyState ?? 0`)).toBeGreaterThan(1)
    return page
  }

  /** The number that is written is that of the frame that is seen. */
  async function agrees(page: Page): Promise<number> {
    await expect.poll(() => page.evaluate(`(${SHOWN}) === (${SEEN})`)).toBe(true)
    return page.evaluate<number>(SEEN)
  }

  it("plays a movie, and names each frame by its number: stepping, forwards and backwards", async () => {
    const page = await playing()
    const stepped: number[] = [await agrees(page)]
    for (let step = 1; step < COUNT; step++) {
      await page.keyboard.press("ArrowRight")
      stepped.push(await agrees(page))
    }
    expect(stepped).toEqual(Array.from({ length: COUNT }, (_, index) => FIRST + index))
    for (let step = 1; step < COUNT; step++) {
      await page.keyboard.press("ArrowLeft")
      expect(await agrees(page)).toBe(stepped[COUNT - 1 - step])
    }
    for (const key of ["l", "j"]) {
      const before = await page.evaluate<number>(SEEN)
      await page.keyboard.press(key)
      await expect.poll(() => page.evaluate(SEEN)).not.toBe(before)
      await page.keyboard.press("k")
      await agrees(page)
    }
    await page.close()
  })

  it("scrubs through a shot under the pointer", async () => {
    const page = await opened()
    const shot = page.getByLabel("Open comp_v002")
    await expect.poll(() => shot.count()).toBe(1)
    const { x, y, width } = (await shot.boundingBox()) ?? { x: 0, y: 0, width: 0 }
    for (const index of [0, 6, COUNT - 1]) {
      // What it is scrubbed by comes a moment after the pointer.
      const seen = async () => {
        await page.mouse.move(x, y + 200)
        await page.mouse.move(x + (width * (index + 0.5)) / COUNT, y + 20)
        return page.locator(".scrubbed .at").allTextContents()
      }
      await expect.poll(seen).toEqual([`${FIRST + index}`])
    }
    await page.close()
    expect(complaints).toEqual([])
  })

  it("plays in a loop what lies between in and out alone", async () => {
    const page = await playing()
    for (const key of ["Home", "ArrowRight", "ArrowRight", "i", "ArrowRight", "ArrowRight", "o"])
      await page.keyboard.press(key)
    expect(await page.locator(".transport").textContent()).toContain("loop 1003–1005")
    await page.keyboard.press("j")
    const seen = new Set<number>()
    await expect.poll(async () => seen.add(await page.evaluate<number>(SEEN)).size).toBe(3)
    expect([...seen].sort()).toEqual([1003, 1004, 1005])
    await page.close()
  })

  it("compares with another version: by a wipe, side by side, and by difference", async () => {
    const page = await playing()
    await expect.poll(() => page.getByLabel("Compare").count()).toBe(1)
    await page.keyboard.press("w")
    expect(await page.locator(".edge").textContent()).toContain("v001")
    expect(await page.locator(".stage video").count()).toBe(2)
    await page.keyboard.press("w")
    expect(await page.locator(".stage.side video").count()).toBe(2)
    await page.keyboard.press("w")
    expect(await page.locator(".compared").textContent()).toContain("difference from v001")
    await page.keyboard.press("w")
    expect(await page.locator(".stage video").count()).toBe(1)
    await page.close()
  })

  it("leads from a frame that is seen to its header and its facts", async () => {
    const page = await playing()
    await page.getByText(`Frame ${FIRST}: header`).click()
    await expect.poll(() => page.locator(".timeline li summary").allTextContents()).toContain("proxy-made ")
    await expect.poll(() => page.locator(".evidence").textContent()).toContain("compression")
    expect(await page.locator(".costs li").count()).toBeGreaterThan(2)
    expect(await page.locator(".attempts li").first().textContent()).toMatch(/ made .*: waited .* in its stages$/)
    await page.close()
  })

  it("has a failure tried again, which becomes a picture where its source was mended", async () => {
    const page = await opened("#/operations")
    await page.getByText("picture/damaged").click()
    await page.getByText("plates/broken.exr").click()
    await expect.poll(() => page.locator(".stage.absent").textContent()).toBe("picture/damaged")
    await expect.poll(() => page.getByRole("button", { name: "Retry" }).count()).toBe(1)
    writeSource(readFileSync(samplePath("window")))
    await page.getByRole("button", { name: "Retry" }).click()
    await expect.poll(() => page.locator(".pictures img").count()).toBe(1)
    await page.close()
  })

  it("is walked by the keyboard alone", async () => {
    const page = await opened()
    await page.waitForSelector(".tile .picture")
    await page.keyboard.press("/")
    await page.keyboard.type("comp")
    await expect.poll(() => tileNames(page)).toHaveLength(2)
    expect(page.url()).toContain("q=comp")
    await page.locator(".tile .picture").first().focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    const dialog = page.getByRole("dialog")
    await expect.poll(() => dialog.count()).toBe(1)
    const label = await dialog.getAttribute("aria-label")
    await page.keyboard.press("ArrowUp")
    await expect.poll(() => dialog.getAttribute("aria-label")).not.toBe(label)
    await page.keyboard.press("Escape")
    await expect.poll(() => dialog.count()).toBe(0)
    await page.close()
  })

  it.each([
    ["dark", 1280],
    ["light", 1280],
    ["dark", 390],
    ["light", 390],
  ] as const)("is found accessible by axe in each view, %s, %i pixels wide", async (colorScheme, width) => {
    const page = await opened("", { colorScheme, width })
    await page.waitForSelector(".tile .picture")
    const found = async () => {
      // By the debugger, which no policy of the page holds for.
      await page.evaluate(AXE)
      const { violations } = await page.evaluate<AxeReport>(`axe.run()`)
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
    }
    expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
    expect(await found()).toEqual([])
    await page.goto(`${address}#/frame/show/plates/grey.exr`)
    await page.waitForSelector(".timeline li")
    expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
    expect(await found()).toEqual([])
    await page.goto(`${address}#/operations`)
    await page.waitForSelector(".topology svg")
    expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
    expect(await found()).toEqual([])
    await page.close()
    expect(complaints).toEqual([])
  })
})

type AxeReport = {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}
