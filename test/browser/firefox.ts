import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { DebianPrograms } from "../machine/debian.ts"

/** Debian's build decodes H.264 by the libavcodec that its package ffmpeg brings along. */
export const FIREFOX: DebianPrograms = {
  programs: ["/usr/bin/firefox-esr", "/usr/bin/ffmpeg"],
  packages: ["firefox-esr", "ffmpeg"],
}

/** Nothing but the page: no first run, no updates, no reports. Movies play without a gesture. */
const PREFERENCES = [
  ["app.update.enabled", false],
  ["browser.shell.checkDefaultBrowser", false],
  ["datareporting.policy.dataSubmissionEnabled", false],
  ["extensions.getAddons.cache.enabled", false],
  ["media.autoplay.default", 0],
  ["media.hardware-video-decoding.enabled", false],
  ["network.captive-portal-service.enabled", false],
  ["network.connectivity-service.enabled", false],
  ["services.settings.server", "data:,"],
  ["toolkit.telemetry.enabled", false],
] as const

export type FirefoxPage = {
  /** Opens an address, and waits until it is loaded. */
  readonly goto: (url: string) => Promise<void>
  /** Value of an expression, awaited, by way of JSON. */
  readonly evaluate: (expression: string) => Promise<unknown>
  readonly close: () => Promise<void>
}

/**
 * A Firefox without a window, driven by WebDriver BiDi: Playwright drives a build of its own alone. Ask `debianMissing(FIREFOX)`
 * first; close it in the end.
 */
export async function openFirefox(): Promise<FirefoxPage> {
  const profile = mkdtempSync(join(tmpdir(), "firefox-"))
  const preferences = PREFERENCES.map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  )
  writeFileSync(join(profile, "user.js"), preferences.join(""))
  const [program = ""] = FIREFOX.programs
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"]
  const env = { ...process.env, HOME: profile, MOZ_HEADLESS: "1" }
  const child = spawn(program, args, { env, stdio: ["ignore", "ignore", "pipe"] })
  const ended = new Promise((resolve) => child.once("exit", resolve))
  const close = async (): Promise<void> => {
    child.kill("SIGKILL")
    await ended
    rmSync(profile, { recursive: true, force: true })
  }
  try {
    const { command, closeSocket } = await connected(await addressIn(child.stderr))
    await command("session.new", { capabilities: {} })
    const { contexts } = (await command("browsingContext.getTree", {})) as { contexts: readonly { context: string }[] }
    const context = contexts[0]?.context ?? ""
    return {
      goto: async (url) => void (await command("browsingContext.navigate", { context, url, wait: "complete" })),
      evaluate: (expression) => evaluated(command, context, expression),
      close: async () => {
        closeSocket()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function addressIn(said: NodeJS.ReadableStream): Promise<string> {
  const lines: string[] = []
  for await (const line of createInterface(said)) {
    const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? []
    if (address !== undefined) {
      said.resume()
      return address
    }
    lines.push(line)
  }
  throw new Error(`Firefox ended at once: ${lines.join("\n")}`)
}

type Command = (method: string, params: unknown) => Promise<unknown>

type Answer = { readonly id: number; readonly result?: unknown; readonly error?: string; readonly message?: string }

async function connected(address: string): Promise<{ readonly command: Command; readonly closeSocket: () => void }> {
  const socket = new WebSocket(`${address}/session`)
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true })
    socket.addEventListener("error", () => reject(new Error(`Nobody answers at ${address}.`)), { once: true })
  })
  const asked = new Map<number, (answer: Answer) => void>()
  socket.addEventListener("message", ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer
    asked.get(answer.id)?.(answer)
    asked.delete(answer.id)
  })
  let last = 0
  const command: Command = async (method, params) => {
    const id = ++last
    const answered = new Promise<Answer>((resolve) => asked.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    const { result, error, message } = await answered
    if (error !== undefined) throw new Error(`${method}: ${error}: ${message}`)
    return result
  }
  return { command, closeSocket: () => socket.close() }
}

type Evaluated = {
  readonly type: "success" | "exception"
  readonly result?: { readonly value?: string }
  readonly exceptionDetails?: { readonly text: string }
}

async function evaluated(command: Command, context: string, expression: string): Promise<unknown> {
  const asJson = `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`
  const asked = { expression: asJson, target: { context }, awaitPromise: true }
  const { type, result, exceptionDetails } = (await command("script.evaluate", asked)) as Evaluated
  if (type === "exception") throw new Error(`${expression}: ${exceptionDetails?.text}`)
  return JSON.parse(result?.value ?? "null")
}
