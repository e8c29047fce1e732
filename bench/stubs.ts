import { failure } from "../src/events/failure.ts"
import { done, failed } from "../src/events/result.ts"
import { proxyMade } from "../src/events/testing/facts.ts"
import type { PictureEngine, Scratch } from "../src/picture/index.ts"
import type { ObjectHead, ObjectStore } from "../src/store/index.ts"

/** Everything around the machinery that costs time without being it: pictures, objects and scratch files, all in memory. */
export function stubPicture(): PictureEngine {
  const { selection, colorspace } = proxyMade().value
  const file = { path: "nowhere", sizeBytes: 1000, picture: { x: 0, y: 32, width: 256, height: 192 } }
  return {
    recipe: 1,
    configHash: "0123456789abcdef",
    missing: () => Promise.resolve([]),
    read: () => Promise.resolve(done({ selection, colorspace, warnings: [] })),
    render: () =>
      Promise.resolve(
        done({
          thumbnail: file,
          proxy: file,
          route: "stub",
          toolVersions: { stub: "1" },
          timingsMs: { render: 1 },
          nonFiniteCount: 0,
          allBlack: false,
          warnings: [],
        }),
      ),
  }
}

export const stubScratch: Scratch = {
  open: () =>
    Promise.resolve(
      done({ folder: "nowhere", sourceFile: (extension) => `source${extension}`, remove: () => Promise.resolve() }),
    ),
}

/** Every source exists and never changes; outputs exist once they are put. */
export function stubStore(): ObjectStore {
  const outputs = new Map<string, ObjectHead>()
  const base = { versionId: null, sizeBytes: 1000, lastModifiedMs: 1_775_001_600_000, metadata: {} }
  const missing = failed(failure("store/missing", "not there"))
  return {
    head: ({ bucket, key }) => {
      if (key.includes(".proxies/")) {
        const head = outputs.get(key)
        return Promise.resolve(head === undefined ? missing : done(head))
      }
      return Promise.resolve(done({ ...base, bucket, key, etag: "e", sourceVersion: "v", contentType: "image/x-exr" }))
    },
    tags: () => Promise.resolve(done({})),
    fetch: ({ bucket, key }) =>
      Promise.resolve(done({ ...base, bucket, key, etag: "e", sourceVersion: "v", contentType: null })),
    readRange: () => Promise.resolve(done(new Uint8Array())),
    put: ({ bucket, key }, _file, { contentType, metadata }) => {
      const head = { ...base, bucket, key, etag: "e", sourceVersion: "v", contentType, metadata }
      outputs.set(key, head)
      return Promise.resolve(done(head))
    },
    list: async function* () {
      // Nothing is listed: elements arrive by event.
    },
    close: () => Promise.resolve(),
  }
}
