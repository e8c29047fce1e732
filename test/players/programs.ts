import { CHROMIUM } from "../browser/chromium.ts"
import { FIREFOX } from "../browser/firefox.ts"
import type { DebianPrograms } from "../machine/debian.ts"
import { debianMissing } from "../machine/debian.ts"

export const FFPROBE: DebianPrograms = { programs: ["/usr/bin/ffprobe", "/usr/bin/ffmpeg"], packages: ["ffmpeg"] }

export const MEDIAINFO: DebianPrograms = { programs: ["/usr/bin/mediainfo"], packages: ["mediainfo"] }

const PLUGINS = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/gstreamer-1.0`

/** GStreamer with a decoder of Cisco's. */
export const GSTREAMER: DebianPrograms = {
  programs: [
    "/usr/bin/gst-launch-1.0",
    ...["isomp4", "videoparsersbad", "openh264"].map((name) => `${PLUGINS}/libgst${name}.so`),
  ],
  packages: ["tools", "plugins-base", "plugins-good", "plugins-bad"].map((part) => `gstreamer1.0-${part}`),
}

/** All players and readers of movies in one go. Where they cannot be had, the tests that need them say so. */
export async function installPlayers(): Promise<void> {
  const all = [CHROMIUM, FIREFOX, FFPROBE, MEDIAINFO, GSTREAMER]
  const packages = [...new Set(all.flatMap((one) => one.packages))]
  const missing = await debianMissing({ programs: all.flatMap(({ programs }) => programs), packages })
  if (missing !== null) process.stderr.write(`services: ${missing}\n`)
}
