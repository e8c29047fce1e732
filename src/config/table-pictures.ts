import { type ColourRule, colourRules } from "./colour-rules.ts"
import { choice, frameRate, int, path, text, toggle } from "./setting.ts"

const PRESETS = [
  "ultrafast",
  "superfast",
  "veryfast",
  "faster",
  "fast",
  "medium",
  "slow",
  "slower",
  "veryslow",
] as const

/** What the pictures are like. Every one of these is part of a picture's identity: a change makes it anew. */
export const PICTURES = {
  thumbnailEdgePx: int({
    group: "pictures",
    says: "Edge of the square thumbnail, in pixels. SpaceHarbor's storage grid is laid out for 256.",
    env: "OIIO_THUMBNAIL_EDGE_PX",
    default: 256,
    min: 16,
    max: 4096,
    unit: "pixels",
  }),
  thumbnailQuality: int({
    group: "pictures",
    says: "JPEG quality of the thumbnail.",
    env: "OIIO_THUMBNAIL_QUALITY",
    default: 85,
    min: 1,
    max: 100,
    unit: "",
  }),
  proxyWidthPx: int({
    group: "pictures",
    says: "Width of the proxy's canvas, in pixels. The picture keeps its shape; the rest of the canvas is black.",
    env: "OIIO_PROXY_WIDTH_PX",
    default: 1920,
    min: 16,
    max: 7680,
    unit: "pixels",
    even: true,
  }),
  proxyHeightPx: int({
    group: "pictures",
    says: "Height of the proxy's canvas, in pixels.",
    env: "OIIO_PROXY_HEIGHT_PX",
    default: 1080,
    min: 16,
    max: 4320,
    unit: "pixels",
    even: true,
  }),
  proxyCrf: int({
    group: "pictures",
    says: "Constant rate factor of the H.264 proxy: lower is better and larger.",
    env: "OIIO_PROXY_CRF",
    default: 23,
    min: 0,
    max: 51,
    unit: "",
  }),
  proxyPreset: choice({
    group: "pictures",
    says: "Speed preset of the H.264 encoder.",
    env: "OIIO_PROXY_PRESET",
    default: "medium",
    choices: PRESETS,
  }),
  stillHoldFrames: int({
    group: "pictures",
    says: "Frames that a still is held for in its movie. Some players show nothing of a movie of one frame; 24 make a second that can be scrubbed, for about twice the bytes.",
    env: "OIIO_STILL_HOLD_FRAMES",
    default: 1,
    min: 1,
    max: 240,
    unit: "frames",
  }),
  defaultFrameRate: frameRate({
    group: "pictures",
    says: "Frame rate of the proxy where the source's header names none.",
    env: "OIIO_DEFAULT_FRAME_RATE",
    default: Object.freeze({ num: 24, den: 1 }),
  }),
}

/** How colour is decided and shown. Part of a picture's identity, too. */
export const COLOUR = {
  ocioConfigPath: path<null>({
    group: "colour",
    says: "OCIO config used in place of the bundled one: a file, or one that OpenColorIO brings along, such as ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5.",
    env: "OCIO_CONFIG_PATH",
    default: null,
    allowed: "a path, or the ocio:// name of a config that OpenColorIO has built in",
    isName: (value) => value.startsWith("ocio://"),
  }),
  look: text<never>({
    group: "colour",
    says: "View of the outputs: un-tone-mapped (the plain conversion that the contract names), aces-sdr, or a view of the OCIO config.",
    env: "OIIO_LOOK",
    default: "un-tone-mapped",
    allowed: "un-tone-mapped, aces-sdr or the name of a view of the OCIO config",
    placeholder: "view",
  }),
  looksBeside: toggle({
    group: "colour",
    says: "Apply the look file that lies beside the frames: beauty.cc (.cdl, .ccc, .cube, .clf, .amf) beside beauty.0101.exr, else look.cc for all of a folder. A look file that a rule names goes before it.",
    env: "OIIO_LOOKS_BESIDE",
    default: false,
  }),
  cameraTokens: toggle({
    group: "colour",
    says: "Take logc3, logc4, slog3 and vlog in a file's name as its colour space, where its header says nothing.",
    env: "OIIO_CAMERA_TOKENS",
    default: false,
  }),
  colourRules: colourRules({
    group: "colour",
    says: "Rules per bucket and prefix, highest first: the first that matches an object decides its input space and look: a view, or a look file (.cdl, .cc, .ccc, .cube, .clf, .amf; its path from the folder of this file), as docs/colour.md explains; what that rule leaves out follows the header and the settings above.",
    env: null,
    flag: null,
    default: Object.freeze<readonly ColourRule[]>([]),
  }),
}
