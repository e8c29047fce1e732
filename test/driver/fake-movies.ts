import { appendFile, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure } from "../../src/events/result.ts"
import type { MovieMaker } from "../../src/picture/index.ts"

/** A proxy of a fake picture is shorter. */
const WHOLE = 1_000_000

/** Movies are text, whose sound has a channel for each letter of its file: a line for each frame, which is its proxy's. Gaps are filled as they would be. */
export const fakeMovies: MovieMaker = {
  async stitch({ found, range, gaps, read, sound, toFile }) {
    const proxies: string[] = []
    for (const picture of found.keys()) {
      const bytes = await read(picture, 0, WHOLE)
      if (!bytes.ok) return bytes
      proxies.push(Buffer.from(bytes.value).toString())
    }
    const lines: string[] = []
    for (let frame = range.first; frame <= range.last; frame++) {
      const there = found.indexOf(frame)
      if (there < 0 && gaps === "error") return failed(failure("sequence/incomplete", `Frame ${frame} is not there.`))
      if (there < 0 && gaps === "skip") continue
      if (there < 0 && gaps === "black") lines.push("black")
      else lines.push(there < 0 ? (lines.at(-1) ?? proxies[0] ?? "") : (proxies[there] ?? ""))
    }
    const format = { width: 1920, height: 1080, rate: { num: 24, den: 1 }, timecode: "00:00:00:01" }
    const isHeard = sound !== null && "file" in sound
    const heard = isHeard ? { channels: (await readFile(sound.file)).length, sampleRate: 48_000 } : null
    await writeFile(toFile, [...lines, ...(heard === null ? [] : [`heard in ${heard.channels} channels`])].join("\n"))
    const warnings = sound !== null && "problem" in sound ? [`No sound: it ${sound.problem}.`] : []
    return done({ ...format, frames: lines.length, sound: heard, warnings })
  },
  async illustrate({ found, poster, folder, movie, readProxy, readThumbnail }) {
    const middle = Math.floor(found.length / 2)
    const proxy = await readProxy(middle)
    if (!proxy.ok) return proxy
    const files = {
      poster: join(folder, "poster"),
      sprites: join(folder, "sprites"),
      sprites_vtt: join(folder, "cues"),
    }
    await writeFile(files.poster, `${poster} of ${movie.frames}: ${Buffer.from(proxy.value)}`)
    const thumbnails: string[] = []
    for (const picture of found.keys()) {
      const bytes = await readThumbnail(picture)
      thumbnails.push(bytes.ok ? Buffer.from(bytes.value).toString() : bytes.failure.code)
    }
    await writeFile(files.sprites, thumbnails.join("\n"))
    await writeFile(files.sprites_vtt, "WEBVTT\n")
    return done({ files, warnings: [], looks: new Map() })
  },
  async write(file, pieces) {
    await writeFile(file, "")
    for (const piece of pieces) await appendFile(file, piece)
    return done(undefined)
  },
}
