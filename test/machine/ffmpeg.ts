import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"

const BINARIES = fileURLToPath(new URL("../../vendor/imageio_ffmpeg/binaries/", import.meta.url))

/** The pinned decoder of proxies. */
export function vendoredFfmpeg(): string {
  const name = readdirSync(BINARIES).find((found) => found.startsWith("ffmpeg-"))
  if (name === undefined) throw new Error(`${BINARIES} holds no ffmpeg: run scripts/setup.`)
  return `${BINARIES}${name}`
}
