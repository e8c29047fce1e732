import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { debianMissing } from "../machine/debian.ts"
import { CHROMIUM, openChromium } from "./chromium.ts"
import { serveTiles, type TilesServerOptions } from "./tiles-server.ts"

const missing = await debianMissing(CHROMIUM)

const HOSTILE = `<img src=x onerror="window.obeyed=1"></script><script>window.obeyed=1</script>\u202e`

/** One picture at an origin of its own, without a word on who may read it. */
async function serveSheet() {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.writeHead(200, { "content-type": "image/svg+xml" })
    response.end(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"/>`)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: new URL(`http://127.0.0.1:${port}/sprites.svg`), asked: () => asked, close }
}

describe.skipIf(missing !== null)(`the console's grid in a browser${missing === null ? "" : ` (${missing})`}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium()
  })
  afterAll(() => browser.close())

  async function opened(options: Partial<TilesServerOptions> = {}, viewport = { width: 1920, height: 1080 }) {
    const server = await serveTiles({ total: 1_000_000, nameOf: (at) => `tile_${at}`, ...options })
    const page = await browser.newPage({ viewport })
    page.setDefaultTimeout(120_000)
    await page.goto(server.url)
    const close = async (): Promise<void> => {
      await page.close()
      await server.close()
    }
    return { page, server, close }
  }

  const nodesOfGrid = (page: Page): Promise<number> =>
    page.evaluate(`(() => {
      const walker = document.createTreeWalker(document.querySelector(".grid"))
      let count = 0
      while (walker.nextNode()) count++
      return count
    })()`)
  const positions = (page: Page): Promise<readonly number[]> =>
    page.evaluate(`[...document.querySelectorAll("[data-at]")].map((tile) => Number(tile.dataset.at))`)

  it.each([
    [1920, 1080, 240],
    [3840, 2160, 140],
    [390, 844, 160],
  ])(
    "reaches each of a million tiles by the scrollbar, with few elements, in a window of %i×%i",
    async (width, height, tile) => {
      const { page, server, close } = await opened({}, { width, height })
      await page.waitForSelector(".tile:not(.pending)")
      await page.locator(".size input").fill(`${tile}`)
      const box = await page.evaluate(`document.querySelector(".grid").getBoundingClientRect().height`)
      expect(box).toBeLessThanOrEqual(5_000_000)
      const steps = 20
      for (let step = 1; step <= steps; step++) {
        await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${step / steps})`)
        expect(await nodesOfGrid(page)).toBeLessThanOrEqual(500)
      }
      await expect.poll(async () => (await positions(page)).at(-1)).toBe(999_999)
      await expect.poll(() => page.locator(".tile .name").last().textContent()).toContain("tile_999999")
      expect(await nodesOfGrid(page)).toBeLessThanOrEqual(500)
      // What was only passed was not asked for, and each page once.
      expect(server.asked.length).toBeLessThan(steps)
      await close()
    },
  )

  it("moves by keys from tile to tile in the midst of a million", async () => {
    const { page, close } = await opened()
    await page.waitForSelector(".tile:not(.pending)")
    await page.evaluate("scrollTo(0, 2_500_000)")
    await expect.poll(async () => (await positions(page))[0]).toBeGreaterThan(400_000)
    await page.waitForSelector(".tile:not(.pending)")
    const [first = 0] = await positions(page)
    const focused = () => page.evaluate(`Number(document.activeElement.closest("[data-at]")?.dataset.at)`)
    await page.locator(`[data-at="${first}"] .picture`).focus()
    await page.keyboard.press("ArrowRight")
    await expect.poll(focused).toBe(first + 1)
    for (let press = 0; press < 12; press++) {
      const from = (await focused()) as number
      await page.keyboard.press("ArrowDown")
      await expect.poll(focused).toBeGreaterThan(from)
      expect(((await focused()) as number) - from).toBeLessThanOrEqual(16)
    }
    await close()
  })

  it("scrubs by a sheet that lies at another origin, which lets no page read what it has", async () => {
    const store = await serveSheet()
    const { page, close } = await opened({ total: 3, sheet: store.url })
    const shot = await page.getByLabel("Open tile_0").boundingBox()
    const pointAt = (share: number) => page.mouse.move((shot?.x ?? 0) + (shot?.width ?? 0) * share, (shot?.y ?? 0) + 20)
    await pointAt(0.1)
    // Cues come a moment after the pointer.
    await expect.poll(() => pointAt(0.4).then(() => page.locator(".scrubbed .at").count())).toBe(1)
    for (const [share, number] of [
      [0.1, "1001"],
      [0.4, "1002"],
      [0.9, "1004"],
    ] as const) {
      await pointAt(share)
      await expect.poll(() => page.locator(".scrubbed .at").textContent()).toBe(number)
    }
    await expect.poll(store.asked).toBeGreaterThan(0)
    await close()
    await store.close()
  })

  it("obeys no name", async () => {
    const { page, close } = await opened({ total: 3, nameOf: () => HOSTILE })
    await expect.poll(() => page.locator(".tile .name").count()).toBe(3)
    expect(await page.locator(".tile .name").first().textContent()).toContain("<img src=x onerror=")
    expect(await page.evaluate(`"obeyed" in window`)).toBe(false)
    expect((await page.locator("#app").textContent())?.includes("\u202e")).toBe(false)
    await close()
  })

  it("asks for a token where the server wants one, keeps it for the tab, and puts it into no address", async () => {
    const { page, close } = await opened({ total: 5, token: "a-secret" })
    await page.getByLabel("Token").fill("a-secret")
    await page.keyboard.press("Enter")
    await expect.poll(() => page.locator(".tile .name").count()).toBe(5)
    await page.reload()
    await expect.poll(() => page.locator(".tile .name").count()).toBe(5)
    expect(page.url()).not.toContain("a-secret")
    expect(await page.evaluate(`JSON.stringify([localStorage, document.cookie])`)).not.toContain("a-secret")
    await close()
  })

  it("says what the server waits for, and goes on by itself when it is back", async () => {
    const { page, server, close } = await opened({ total: 5 })
    await expect.poll(() => page.locator(".tile .name").count()).toBe(5)
    server.answerAlways({ status: 503, says: "table/unreachable: Trino does not answer." })
    await page.locator(".filter").fill("tile")
    await expect.poll(() => page.locator(".waiting").textContent()).toContain("Trino does not answer")
    server.answerAlways(null)
    await expect.poll(() => page.locator(".tile .name").count()).toBe(5)
    await expect.poll(() => page.locator(".waiting").count()).toBe(0)
    await close()
  })
})
