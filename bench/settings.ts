import type { RenderSettings } from "../src/picture/index.ts"

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
