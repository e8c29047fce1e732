import type { RenderSettings } from "../src/picture/index.ts"
import type { Policy } from "../topology/ports.ts"

/** The contract's defaults. */
export const renderSettings: RenderSettings = {
  colour: { inputSpace: null, look: "un-tone-mapped", cameraTokens: false },
  thumbnailEdgePx: 256,
  thumbnailQuality: 85,
  proxyWidthPx: 1920,
  proxyHeightPx: 1080,
  proxyCrf: 23,
  proxyPreset: "medium",
  stillHoldFrames: 1,
  defaultFrameRate: { num: 24, den: 1 },
}

/** What a worker of sixteen cores would have under way. */
export const policy: Policy = {
  credits: 256,
  rendersInFlight: 16,
  sourcesHeld: 64,
  mostAttempts: 4,
  backoffMs: 100,
  mostBackoffMs: 1000,
  mostSourceBytes: 2 ** 40,
  batchRows: 500,
  batchMs: 20,
  generatorVersion: "bench",
}
