import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { type WavFile, wavFile } from "./testing/wav-file.ts"
import { readWav } from "./wav.ts"

const folder = mkdtempSync(join(tmpdir(), "wav-"))
afterAll(() => rmSync(folder, { recursive: true }))

const read = (bytes: Uint8Array) => {
  const path = join(folder, "a.wav")
  writeFileSync(path, bytes)
  return readWav(path)
}

const file = (of: Partial<WavFile> = {}): Buffer => wavFile({ samples: 100, level: () => 0.5, ...of })

describe("a WAV file", () => {
  it.each<[string, Partial<WavFile>, object]>([
    ["as everybody writes it", {}, { channels: 1, rate: 48_000, bits: 16, isFloat: false, timeReference: null }],
    ["in 24 bits", { bits: 24, channels: 2 }, { channels: 2, bits: 24, isFloat: false }],
    ["in floating point", { bits: 32, rate: 96_000 }, { bits: 32, isFloat: true, rate: 96_000 }],
    ["of six channels, with their speakers", { channels: 6, bits: 24, speakers: 0x3f }, { channels: 6, bits: 24 }],
    ["that states its time", { timeReference: 172_972_800 }, { timeReference: 172_972_800 }],
    ["that states a time of zero, as many do that know none", { timeReference: 0 }, { timeReference: null }],
    ["as RF64", { kind: "RF64" }, { channels: 1 }],
    ["as BW64, with its time", { kind: "BW64", timeReference: 48_000 }, { timeReference: 48_000 }],
  ])("is read %s", async (_, of, wanted) => {
    expect(await read(file(of))).toMatchObject({ samples: 100, isCut: false, ...wanted })
  })

  it("that ends early has the samples that are there", async () => {
    expect(await read(file().subarray(0, 44 + 60))).toMatchObject({ samples: 30, isCut: true })
  })

  const format = file().indexOf("fmt ")
  const changed = (at: number, value: number, bytes = 2): Buffer => {
    const copy = file()
    copy.writeUIntLE(value, at, bytes)
    return copy
  }
  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "is empty"],
    ["a text", Buffer.from("This is no sound, whatever it is called."), "is no WAV file"],
    ["a picture in RIFF", Buffer.from("RIFF\x10\0\0\0WEBPVP8 \0\0\0\0"), "is no WAV file"],
    ["a head alone", file().subarray(0, 12), "states no format"],
    ["no samples", file({ samples: 0 }), "holds no samples"],
    ["an MP3 in a WAV", changed(format + 8, 0x55), "holds samples of kind 85 with 16 bits, not plain PCM"],
    ["20 bits", changed(format + 22, 20), "holds samples of kind 1 with 20 bits, not plain PCM"],
    ["no channel", changed(format + 10, 0), "has 0 channels"],
    ["1000 channels", changed(format + 10, 1000), "has 1000 channels"],
    ["a rate beyond all reason", changed(format + 12, 4e9, 4), "has 4000000000 samples a second"],
    ["sizes that do not fit", changed(format + 20, 7), "states sizes that do not fit together"],
  ])("is none, with a sentence: %s", async (_, bytes, problem) => {
    expect(await read(bytes)).toEqual({ problem })
  })

  it("whatever it holds, is read as what it is or refused with a sentence", async () => {
    const good = file({ kind: "RF64", timeReference: 7, channels: 2 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.nat(good.length),
        async (changes, length) => {
          const bytes = Buffer.from(good)
          for (const [at, value] of changes) bytes[at] = value
          const answer = await read(bytes.subarray(0, length))
          if (!("problem" in answer)) expect(answer.samples).toBeLessThanOrEqual(length)
        },
      ),
      { numRuns: 200 },
    )
  })
})
