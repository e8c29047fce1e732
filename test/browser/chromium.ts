import { type Browser, chromium } from "playwright-core"
import type { DebianPrograms } from "../machine/debian.ts"

/** Debian's build, which decodes H.264; Playwright's own are downloads from elsewhere than a package registry. */
export const CHROMIUM: DebianPrograms = { programs: ["/usr/bin/chromium"], packages: ["chromium"] }

/** Tests run as root, whom Chromium's sandbox refuses; a movie that nobody asked to play may play, with sound too. */
const ARGUMENTS = ["--autoplay-policy=no-user-gesture-required"]

/** A Chromium without a window. Ask `debianMissing(CHROMIUM)` first; close it in the end. */
export function openChromium(): Promise<Browser> {
  const [executablePath = ""] = CHROMIUM.programs
  return chromium.launch({ executablePath, args: ARGUMENTS, chromiumSandbox: false, timeout: 300_000 })
}
