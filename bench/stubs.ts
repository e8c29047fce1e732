import type { Sequences } from "../src/deployment/roles.ts"
import { besideSources } from "../src/element/output-places.ts"
import { done, failed, failure } from "../src/events/result.ts"
import { proxyMade } from "../src/events/testing/facts.ts"
import { openMemoryKnownOutputs } from "../src/known-outputs/memory.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import type { HeaderInspector, MovieMaker, PictureEngine, Scratch } from "../src/picture/index.ts"
import type { ObjectHead, ObjectStore } from "../src/store/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { sequencerPolicy } from "../topology/sequence/testing/policy.ts"
import { policy } from "./policy.ts"

/** What a renderer and an inspector work with when all that is measured is the machinery. */
export const stubPorts = ({ remembers = false } = {}) => ({
  store: stubStore({ remembers }),
  picture: stubPicture(),
  headers: stubHeaders,
  scratch: stubScratch,
  clock: systemClock,
  random: Math.random,
  settingsFor: () => SETTINGS,
  outputsFor: besideSources,
  knownOutputs: openMemoryKnownOutputs(),
  policy,
})

/** Everything around the machinery that costs time without being it: pictures, objects and scratch files, all in memory. */
export function stubPicture(): PictureEngine {
  const { selection, colorspace } = proxyMade().value
  const file = {
    path: "nowhere",
    sizeBytes: 1000,
    width: 256,
    height: 256,
    picture: { x: 0, y: 32, width: 256, height: 192 },
    colorspace: "sRGB",
  }
  return {
    recipe: 1,
    configHash: "0123456789abcdef",
    missing: () => Promise.resolve([]),
    begin: () => undefined,
    drawing: { sheet: nothingDrawn, poster: nothingDrawn, black: nothingDrawn },
    encodeSound: nothingDrawn,
    close: () => Promise.resolve(),
    read: () => Promise.resolve(done({ selection, colorspace, warnings: [] })),
    render: () =>
      Promise.resolve(
        done({
          files: { thumbnail: file, proxy: file },
          route: "stub",
          toolVersions: { stub: "1" },
          timingsMs: { render: 1 },
          nonFiniteCount: 0,
          allBlack: false,
          nearlyBlack: false,
          thumbnailHash: "0123456789abcdef0123456789abcdef",
          warnings: [],
        }),
      ),
  }
}

/** Movies of nothing, beside which nothing is drawn. */
const stubMovies: MovieMaker = {
  stitch: async ({ found }) => {
    const format = { width: 256, height: 192, rate: { num: 24, den: 1 }, timecode: "00:00:00:00" }
    return done({ ...format, frames: found.length, sound: null, warnings: [] })
  },
  illustrate: async () => done({ files: {}, warnings: [], looks: new Map() }),
  write: async () => done(undefined),
}

/** Sequences of all frames, and their movies, as far as they are the machinery's. */
export const stubSequences = (folder: string): Sequences => ({
  sequenceRuleFor: () => "usual",
  posterFor: () => "middle",
  soundFor: () => null,
  soundsByRule: new Set(),
  movies: stubMovies,
  spill: { folder, mostBytes: 32 * 2 ** 20 },
  settling: sequencerPolicy(0),
  reviews: null,
})

const nothingDrawn = () => Promise.resolve(failed(failure("tool/failed", "Nothing is drawn.")))

export const stubScratch: Scratch = {
  open: () =>
    Promise.resolve(
      done({ folder: "nowhere", sourceFile: (extension) => `source${extension}`, remove: () => Promise.resolve() }),
    ),
}

/**
 * Every source exists and never changes. Outputs are taken and forgotten, so that what grows is the machinery's own; all but
 * what they say of themselves, where movies are to be made of them.
 */
export function stubStore({ remembers = false } = {}): ObjectStore {
  const outputs = new Map<string, ObjectHead>()
  const base = { versionId: null, sizeBytes: 1000, lastModifiedMs: 1_775_001_600_000, metadata: {} }
  const there = { ...base, etag: "e", sourceVersion: "v", contentType: "image/x-exr" }
  const missing = failed(failure("store/missing", "not there"))
  return {
    checkWritable: () => Promise.resolve(done(undefined)),
    head: async ({ bucket, key }) => {
      if (!key.includes(".proxies/")) return done({ ...there, bucket, key })
      const output = outputs.get(key)
      return output === undefined ? missing : done(output)
    },
    tags: () => Promise.resolve(done({})),
    fetch: ({ bucket, key }) => Promise.resolve(done({ ...there, bucket, key, contentHash: key, contentSha256: null })),
    readRange: () => Promise.resolve(done(new Uint8Array())),
    put: async ({ bucket, key }, _file, { contentType, metadata }) => {
      const stored = { ...there, bucket, key, contentType, metadata }
      if (remembers) outputs.set(key, stored)
      return done(stored)
    },
    delete: () => Promise.resolve(done(undefined)),
    list: async function* () {
      // Nothing is listed: elements arrive by event.
    },
    nowMs: () => systemClock.nowMs(),
    close: () => Promise.resolve(),
  }
}

/** Headers of nothing: the inspector's share of the machinery without the reading. */
export const stubHeaders: HeaderInspector = {
  inspect: () =>
    Promise.resolve(
      done({
        bytesRead: 0,
        header: {
          format: "exr",
          frameNumber: null,
          headerHash: "0".repeat(64),
          headerBytes: 0,
          deep: false,
          parts: [],
          attributesDropped: 0,
          channelsDropped: 0,
          partsDropped: 0,
          warnings: [],
        },
      }),
    ),
}
