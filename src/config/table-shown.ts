import { channelsOf, dataRangeOf, type PictureRule, partOf, pictureRules } from "./picture-rules.ts"
import { type Setting, text, toggle } from "./setting.ts"

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
    env: null,
    flag: null,
    default: Object.freeze<readonly PictureRule[]>([]),
  }),
}
