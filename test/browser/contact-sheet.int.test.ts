import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { unwrap } from "../../src/events/testing/results.ts"
import { sheetHtml } from "../../src/sheet/html.ts"
import type { Sheet } from "../../src/sheet/index.ts"
import { readPageParts } from "../../src/sheet/page-parts.ts"
import { frame, sheet, shot } from "../../src/sheet/testing/sheets.ts"
import { call } from "../machine/answers.ts"
import { debianMissing } from "../machine/debian.ts"
import { type Frames, openFrames, type Sample } from "../machine/frames.ts"
import { CHROMIUM, openChromium } from "./chromium.ts"

const missing = await debianMissing(CHROMIUM)

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

const HOSTILE = `<img src=x onerror="window.obeyed=1"></script><script>window.obeyed=1</script>\u202e`

const numbered = (name: string, numbers: readonly number[], sample: Sample): Readonly<Record<string, Sample>> =>
  Object.fromEntries(numbers.map((number) => [`${name}.${number}.exr`, sample]))

describe.skipIf(missing !== null)(`the contact sheet in a browser${missing === null ? "" : ` (${missing})`}`, () => {
  let browser: Browser
  let frames: Frames
  const home = mkdtempSync(join(tmpdir(), "sheet-"))

  /** Two versions of a shot, the second with a gap and a damaged frame; a single frame. */
  beforeAll(async () => {
    browser = await openChromium()
    frames = openFrames({
      ...numbered("sh010/comp_v001/comp_v001", [1001, 1002, 1003, 1004], "window"),
      ...numbered("sh010/comp_v002/comp_v002", [1001, 1004], "shifted"),
      ...numbered("sh010/comp_v002/comp_v002", [1003], "damaged"),
      "plates/grey.exr": "grey",
    })
    expect((await call(["run", frames.dir])).code).toBe(1)
    expect((await call(["contact-sheet", frames.dir, "--out", frames.path("sheet.html")])).code).toBe(0)
  })
  afterAll(async () => {
    await browser.close()
    frames.remove()
    rmSync(home, { recursive: true })
  })

  type Look = { readonly colorScheme?: "dark" | "light"; readonly width?: number }

  /** The page of a file, with whatever it complains of. */
  async function opened(file: string, { colorScheme = "dark", width = 1280 }: Look = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
    page.setDefaultTimeout(120_000)
    page.on("console", (message) => complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(String(error.stack)))
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector(".tile")
    return page
  }
  const complaints: string[] = []

  const written = (name: string, shown: Sheet): string => {
    const file = join(home, name)
    writeFileSync(file, sheetHtml(shown, unwrap(readPageParts())))
    return file
  }

  const tileNames = (page: Page): Promise<readonly string[]> => page.locator(".tile .name").allTextContents()

  it("shows a tile for each shot and version and each single frame, with pictures, and complains of nothing", async () => {
    const page = await opened(frames.path("sheet.html"))
    expect(await tileNames(page)).toEqual(["grey.exr", "comp_v001.#.exr", "comp_v002.#.exr"])
    const areDrawn = () => page.evaluate(`[...document.querySelectorAll(".tile img")].map((one) => one.naturalWidth)`)
    await expect.poll(areDrawn).toEqual([256, 320, 320])
    expect(await page.locator(`[aria-description="Frames 1001–1004, missing 1002, failed 1003"]`).count()).toBe(1)
    const first = await page.getByLabel("Open comp_v001").boundingBox()
    await page.mouse.move((first?.x ?? 0) + (first?.width ?? 0) * 0.6, (first?.y ?? 0) + 20)
    expect(await page.locator(".scrubbed .at").textContent()).toBe("1003")
    await page.close()
    expect(complaints).toEqual([])
  })

  it("plays a shot by keys, to the frame, with its number, its timecode and the evidence of what is seen", async () => {
    const page = await opened(frames.path("sheet.html"))
    await page.getByLabel("Open comp_v002").click()
    const number = page.locator(".number")
    const ofVideo = (value: string) => () => page.evaluate(`document.querySelector(".stage video").${value}`)
    await expect.poll(ofVideo("readyState")).toBeGreaterThanOrEqual(2)
    const seen = () => page.evaluate(`Math.floor(document.querySelector(".stage video").currentTime * 24)`)
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    expect(await number.textContent()).toBe("1003")
    await expect.poll(seen).toBe(2)
    expect(await page.locator(".timecode").textContent()).toBe("00:00:41:19")
    expect(await page.locator(".evidence").textContent()).toContain("picture/damaged")
    await page.keyboard.press("End")
    await expect.poll(seen).toBe(3)
    await page.keyboard.press("l")
    await expect.poll(ofVideo("paused")).toBe(false)
    await page.keyboard.press("k")
    await expect.poll(ofVideo("paused")).toBe(true)
    await page.keyboard.press("Home")
    expect(await number.textContent()).toBe("1001")
    await page.keyboard.press("j")
    await expect.poll(() => number.textContent()).not.toBe("1001")
    await page.keyboard.press("k")
    await page.keyboard.press("w")
    expect(await page.locator(".stage video").count()).toBe(2)
    expect(await page.locator(".edge").textContent()).toContain("v001")
    await page.keyboard.press("Escape")
    await expect.poll(() => page.locator("dialog").count()).toBe(0)
    await page.close()
    expect(complaints).toEqual([])
  })

  it("plays when it was mailed: alone in a folder, with all inside it", async () => {
    const mailed = join(home, "mailed.html")
    const sent = await call(["contact-sheet", frames.dir, "--embed", "5", "--out", mailed])
    expect(sent.stderr).not.toContain("did not fit")
    const page = await opened(mailed)
    await page.getByLabel("Open comp_v001").click()
    await page.keyboard.press("ArrowRight")
    const seen = () => page.evaluate(`Math.floor(document.querySelector(".stage video").currentTime * 24)`)
    await expect.poll(seen).toBe(1)
    await expect
      .poll(() => page.evaluate(`document.querySelector(".stage video").readyState`))
      .toBeGreaterThanOrEqual(2)
    expect(await page.locator(".number").textContent()).toBe("1002")
    await page.close()
    expect(complaints).toEqual([])
  })

  it("is walked by the keyboard alone", async () => {
    const page = await opened(frames.path("sheet.html"))
    await page.keyboard.press("/")
    await page.keyboard.type("comp")
    await expect.poll(() => tileNames(page)).toEqual(["comp_v001.#.exr", "comp_v002.#.exr"])
    await page.locator(".tile .picture").first().focus()
    await page.keyboard.press("ArrowRight")
    const focused = () => page.evaluate(`document.activeElement.getAttribute("aria-label")`)
    expect(await focused()).toBe("Open comp_v002.#.exr")
    await page.keyboard.press("Enter")
    expect(await page.getByRole("dialog").getAttribute("aria-label")).toBe("sh010/comp_v002/comp_v002.#.exr")
    await page.keyboard.press("ArrowUp")
    await expect.poll(() => page.getByRole("dialog").getAttribute("aria-label")).toBe("sh010/comp_v001/comp_v001.#.exr")
    await page.keyboard.press("Escape")
    await expect.poll(focused).toBe("Open comp_v002.#.exr")
    await page.close()
  })

  it("saves a list of what was selected", async () => {
    const page = await opened(frames.path("sheet.html"))
    await page.getByLabel("Select comp_v001").check()
    await page.getByLabel("Select grey.exr").check()
    const saved = page.waitForEvent("download")
    await page.getByRole("button", { name: "Save paths" }).click()
    expect(readFileSync(await (await saved).path(), "utf8")).toBe(
      ["sh010/comp_v001/comp_v001.#.exr", "plates/grey.exr"].map((key) => `${frames.dir}/${key}\n`).join(""),
    )
    await page.close()
  })

  it("obeys no name", async () => {
    const hostile = { name: HOSTILE, folder: `${HOSTILE.replaceAll("/", "")}/`, bucket: HOSTILE }
    const shots = [
      shot({
        ...hostile,
        version: HOSTILE,
        findings: [[HOSTILE, HOSTILE]],
        made: HOSTILE,
        movie: null,
        failureCode: HOSTILE,
      }),
    ]
    const all = sheet({
      title: HOSTILE,
      shots,
      frames: [frame({ ...hostile, warnings: [HOSTILE], colourSpace: HOSTILE })],
    })
    const page = await opened(written("hostile.html", all))
    expect(await page.locator("h1").textContent()).toContain("<img src=x onerror=")
    for (const at of [0, 1]) {
      await page.locator(".tile .picture").nth(at).click()
      expect(await page.locator(".evidence").textContent()).toContain("<script>")
      await page.keyboard.press("Escape")
    }
    expect(await page.evaluate(`"obeyed" in window`)).toBe(false)
    expect((await page.locator("#app").textContent())?.includes("\u202e")).toBe(false)
    await page.close()
  })

  it("draws, of 10,000 frames, those in the window, wherever that is; paper has all that are chosen", async () => {
    const many = Array.from({ length: 10_000 }, (_, at) =>
      frame({ folder: `seq${Math.floor(at / 500)}/`, name: `still_${at}.exr`, thumbnail: null, proxy: null }),
    )
    const page = await opened(written("many.html", sheet({ shots: [], failures: [], frames: many })), { width: 1920 })
    const elements = () => page.evaluate(`document.querySelectorAll("*").length`)
    expect(await elements()).toBeLessThan(1000)
    await page.locator(".size input").fill("120")
    expect(await elements()).toBeLessThan(3000)
    await page.keyboard.press("End")
    await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight)`)
    await expect.poll(() => tileNames(page)).toContain("still_9999.exr")
    expect(await elements()).toBeLessThan(3000)
    await page.locator(".filter").fill("still_99")
    await expect.poll(() => page.locator(".toolbar [role=status]").textContent()).toBe("111 of 10,000")
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`)
    await expect.poll(() => page.locator(".tile").count()).toBe(111)
    await page.close()
  })

  it.each([
    ["dark", 1280],
    ["light", 1280],
    ["dark", 390],
    ["light", 390],
  ] as const)("is found accessible by axe, %s, %i pixels wide", async (colorScheme, width) => {
    const page = await opened(frames.path("sheet.html"), { colorScheme, width })
    const found = async () => {
      // By the debugger, which no policy of the page holds for.
      await page.evaluate(AXE)
      const { violations } = await page.evaluate<AxeReport>(`axe.run()`)
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
    }
    expect(await page.evaluate(`document.documentElement.scrollWidth - innerWidth`)).toBeLessThanOrEqual(0)
    await page.getByLabel("Select comp_v002").check()
    expect(await found()).toEqual([])
    await page.getByLabel("Open comp_v002").click()
    await page.keyboard.press("w")
    expect(await found()).toEqual([])
    await page.close()
  })
})

type AxeReport = {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}
