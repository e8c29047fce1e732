import { setTimeout as sleep } from "node:timers/promises"
import { SAMPLE, type Sample } from "../machine/frames.ts"
import { type Bucket, putFrame } from "./uploads.ts"

/** Small enough to render in a moment on a busy machine, and of all three formats. */
const FRAMES: readonly Sample[] = ["window", "shifted", "stretched", "grey", "flower", "film"]

const EVERY_MS = 1_000

export type Uploader = {
  /** What has been put so far, and which frame it was. */
  readonly uploaded: ReadonlyMap<string, Sample>
  readonly stops: () => Promise<void>
}

/** Somebody who goes on putting frames, whatever happens to everything else. */
export function startUploader(into: Bucket): Uploader {
  const uploaded = new Map<string, Sample>()
  const over = new AbortController()
  const put = async (): Promise<void> => {
    for (let number = 0; !over.signal.aborted; number += 1) {
      const sample = FRAMES[number % FRAMES.length] ?? "window"
      const extension = SAMPLE[sample].slice(SAMPLE[sample].lastIndexOf("."))
      const key = `shots/sh0${number % 7}/beauty.${String(number).padStart(4, "0")}${extension}`
      await putFrame(into, key, sample)
      uploaded.set(key, sample)
      await sleep(EVERY_MS)
    }
  }
  const putting = put()
  return {
    uploaded,
    stops: () => {
      over.abort()
      return putting
    },
  }
}
