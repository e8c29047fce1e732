import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { byProfile, type OutputProfile, outputsOf } from "../../src/element/profiles.ts"
import { done, type Failure, failed, failure } from "../../src/events/result.ts"
import { proxyMade } from "../../src/events/testing/facts.ts"
import type { PictureEngine, RenderedFile } from "../../src/picture/index.ts"
import type { Clock } from "../../src/system/clock.ts"

/**
 * An engine whose pictures are text. What a source's text says decides what happens: `damaged` is refused by the header
 * reader, `times out` and `crashes` by the renderer, `slow 60000` renders for that many virtual milliseconds; anything else is fine.
 */
export type FakePicture = PictureEngine & { readonly rendered: string[] }

const VERDICTS: Readonly<Record<string, Failure>> = {
  damaged: failure("picture/damaged", "The file is truncated at scan line 812."),
  "times out": failure("tool/timed-out", "The render took longer than its limit."),
  crashes: failure("tool/crashed", "The tool died from SIGSEGV."),
}

export function fakePicture(clock: Clock, options: { readonly recipe?: number } = {}): FakePicture {
  const rendered: string[] = []
  const { selection, colorspace } = proxyMade().value
  return {
    recipe: options.recipe ?? 1,
    configHash: "0123456789abcdef",
    rendered,
    missing: () => Promise.resolve([]),
    begin: () => undefined,
    drawing: { sheet: nothingDrawn, poster: nothingDrawn, black: nothingDrawn },
    encodeSound: nothingDrawn,
    close: () => Promise.resolve(),
    async read({ sourceFile }) {
      const text = readFileSync(sourceFile, "utf8")
      const verdict = text === "damaged" ? VERDICTS.damaged : undefined
      return verdict === undefined ? done({ selection, colorspace, warnings: [] }) : failed(verdict)
    },
    async render({ sourceFile, settings, folder, signal }) {
      const text = readFileSync(sourceFile, "utf8")
      rendered.push(text)
      const slowMs = Number(/^slow (\d+)/.exec(text)?.[1] ?? 0)
      if (slowMs > 0) await clock.sleep(slowMs, signal)
      if (signal.aborted) return failed(failure("stopped", "The render was interrupted."))
      const verdict = VERDICTS[text]
      if (verdict !== undefined) return failed(verdict)
      const outputs = outputsOf(settings).map((output) => [output.name, written(folder, output, text)] as const)
      return done({
        files: byProfile(outputs),
        route: "fake",
        toolVersions: {},
        timingsMs: {},
        nonFiniteCount: 0,
        allBlack: false,
        nearlyBlack: false,
        thumbnailHash: "0123456789abcdef0123456789abcdef",
        warnings: [],
      })
    },
  }
}

const nothingDrawn = () => Promise.resolve(failed(failure("tool/failed", "A fake picture draws nothing.")))

/** Synchronous, so that only virtual time stands between a render's start and its end. */
function written(folder: string, { name, look, encoder }: OutputProfile, sourceText: string): RenderedFile {
  const [path, text] = [join(folder, name), `${name} of ${sourceText}`]
  const [width, height] = encoder.format === "jpeg" ? [256, 256] : [1920, 1080]
  writeFileSync(path, text)
  return {
    path,
    sizeBytes: Buffer.byteLength(text),
    width,
    height,
    picture: { x: 0, y: 32, width: 256, height: 192 },
    colorspace: look,
  }
}
