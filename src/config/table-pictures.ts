import { type EdgeSettings, FURTHER_PROFILES } from "../element/profiles.ts"
import { colourRules } from "./colour-rules.ts"
import { channelsOf, dataRangeOf, partOf, pictureRules } from "./picture-rules.ts"
import { choice, frameRate, int, path, type Setting, text, toggle } from "./setting.ts"

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

/** PREVIEW_EDGE_PX of previewEdgePx. */
const upperSnake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** Each output beside the contract's two is switched on by its longest edge. */
const EDGES = Object.fromEntries(
  FURTHER_PROFILES.map(({ edge: { setting, says, mostPx, forSpaceHarborPx } }) => {
    const env = `OIIO_${upperSnake(setting)}`
    const edge = int({ group: "pictures", says, env, default: 0, min: 0, max: mostPx, unit: "pixels" })
    const { group, inFile, secret, allowed, placeholder, parse } = edge
    const optional: Setting<number | null> = {
      ...{ group, says, env, inFile, secret, allowed, placeholder, parse },
      default: null,
      defaultSays: `${forSpaceHarborPx} where spaceharbor is set, else none`,
      show: (value) => (value === null ? "" : edge.show(value)),
    }
    return [setting, optional]
  }),
) as { readonly [N in keyof EdgeSettings]-?: Setting<number | null> }

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
    says: "Constant rate factor of the H.264 proxy: lower is better and larger; 0 is as good as 1.",
    env: "OIIO_PROXY_CRF",
    default: 23,
    min: 0,
    max: 51,
    unit: "",
  }),
  proxyPreset: choice({
    group: "pictures",
    says: "Speed preset of the H.264 encoder. medium takes twice the time for hardly a better picture.",
    env: "OIIO_PROXY_PRESET",
    default: "veryfast",
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
  ...EDGES,
  spaceharbor: toggle({
    group: "pictures",
    says: "Serve SpaceHarbor, as `oiio-proxy-generator docs spaceharbor` explains: its stills and {stem}_metadata.json beside thumbnail and proxy, its tags on them, job ids from tags and metadata of sources, and no completion event without a job, which it would burn.",
    env: "OIIO_SPACEHARBOR",
    default: false,
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
    says: "Rules per bucket and prefix, highest first: the first that matches an object decides its input space and look: a view, or a look file (.cdl, .cc, .ccc, .cube, .clf, .amf; its path from the folder of this file), as `oiio-proxy-generator docs colour` explains; what that rule leaves out follows the header and the settings above.",
  }),
}

type Declared<T> = Pick<Setting<T | null>, "says" | "env" | "allowed" | "placeholder" | "parse" | "show">

const chosen = <T>(declared: Declared<T>): Setting<T | null> => ({
  group: "shown",
  inFile: true,
  secret: false,
  default: null,
  ...declared,
})

/** What is shown of files that hold more than one picture. Part of a picture's identity where it is set. */
export const SHOWN = {
  part: chosen<number | string>({
    says: "Part of an EXR, or directory of a TIFF, that is shown. `inspect` lists what a file has; a file without it fails picture/choice-missing.",
    env: "OIIO_PART",
    allowed: "a number from 0, or the name of a part",
    placeholder: "part",
    parse: partOf,
    show: (part) => String(part ?? ""),
  }),
  view: text<null>({
    group: "shown",
    says: "View of a stereo EXR that is shown; the hero view where none is named.",
    env: "OIIO_VIEW",
    default: null,
    allowed: "the name of a view, such as right",
    placeholder: "view",
  }),
  layer: text<null>({
    group: "shown",
    says: "Layer of an EXR that is shown, without its view; in files of several parts also the name of the part.",
    env: "OIIO_LAYER",
    default: null,
    allowed: "the name of a layer, such as diffuse",
    placeholder: "layer",
  }),
  channels: chosen<readonly string[]>({
    says: "Channels that are shown as red, green and blue, or one as grey, by their full names; with a layer also by what they are called in it. Channels of data may be two (motion), or pairs of id and coverage (cryptomatte).",
    env: "OIIO_CHANNELS",
    allowed: "names with commas between them",
    placeholder: "names",
    parse: channelsOf,
    show: (channels) => channels?.join(",") ?? "",
  }),
  dataRange: chosen<readonly [number, number]>({
    says: "Values of depth that are shown as black and as white, in every frame; of motion the second is the length that is full colour. Without it each frame has the range of its own values, and a sequence flickers.",
    env: "OIIO_DATA_RANGE",
    allowed: "two different numbers with a comma between them, such as 1,250",
    placeholder: "black,white",
    parse: dataRangeOf,
    show: (range) => range?.join(",") ?? "",
  }),
  asColour: toggle({
    group: "shown",
    says: "Show chosen layers and channels through the view, as colour, although their names say that they hold data (depth, normals, motion, ids).",
    env: "OIIO_AS_COLOUR",
    default: false,
  }),
  pictureRules: pictureRules({
    group: "shown",
    says: "Rules per bucket and prefix, highest first: the first that matches an object decides its part, view, layer, channels, dataRange and asColour; what that rule leaves out follows the settings above, and then the header.",
  }),
}
