import { int, path, size } from "./setting.ts"

/** Which files and folders a command works with. */
export const STATE = {
  stateDir: path<never>({
    group: "state",
    says: "Folder of the event log and the tables. Without it: .oiio-proxy-generator inside the folder of frames. Must be on a local disk.",
    env: "OIIO_STATE",
    flag: "--state",
    inFile: false,
    default: ({ stateDir }) => stateDir,
    defaultSays: ".oiio-proxy-generator in the folder of frames",
  }),
  configFile: path<null>({
    group: "state",
    says: "File of settings (YAML). Without it: oiio-proxy-generator.yaml in the state folder, where it exists.",
    env: "OIIO_CONFIG",
    flag: "--config",
    inFile: false,
    default: null,
  }),
}

/** The picture tools and what they may use. */
export const TOOLS = {
  oiiotoolPath: path<null>({
    group: "tools",
    says: "The oiiotool to use. Without it: the one in vendor/, then the one on PATH (2.4 or newer).",
    env: "OIIO_OIIOTOOL_PATH",
    flag: "--oiiotool",
    default: null,
    allowed: "a path, or a name on PATH",
    isName: (value) => !value.includes("/"),
  }),
  ffmpegPath: path<null>({
    group: "tools",
    says: "The ffmpeg to use. Without it: the one in vendor/, then the one on PATH (5.1 or newer).",
    env: "OIIO_FFMPEG_PATH",
    flag: "--ffmpeg",
    default: null,
    allowed: "a path, or a name on PATH",
    isName: (value) => !value.includes("/"),
  }),
  toolTimeoutSeconds: int({
    group: "tools",
    says: "Longest run of one picture tool, in seconds; then its whole process group is killed.",
    env: "OIIO_TIMEOUT",
    flag: "--timeout",
    default: 300,
    min: 1,
    max: 86_400,
    unit: "seconds",
  }),
  toolMemoryBytes: size({
    group: "tools",
    says: "Most address space of one picture tool; it is the tool that fails then, not the machine.",
    env: "OIIO_TOOL_MEMORY",
    flag: "--tool-memory",
    default: 4 * 2 ** 30,
    min: 256 * 2 ** 20,
    max: 1024 * 2 ** 30,
  }),
}

/** How much is done at once, how large it may be, and how often it is tried. */
export const WORK = {
  rendersInFlight: int({
    group: "work",
    says: "Frames rendered at the same time, one thread each.",
    env: "OIIO_RENDERS_IN_FLIGHT",
    default: ({ cores }) => cores,
    defaultSays: "number of cores",
    min: 1,
    max: 1024,
    unit: "frames",
  }),
  scratchDir: path<null>({
    group: "work",
    says: "Folder of temporary files. Without it: memory-backed space where there is enough, else the system's temporary folder.",
    env: "OIIO_SCRATCH",
    flag: "--scratch",
    default: null,
  }),
  maxSourceBytes: size({
    group: "work",
    says: "Largest source that is fetched; a larger one fails with source/too-large.",
    env: "OIIO_MAX_SOURCE",
    flag: "--max-source",
    default: 4 * 2 ** 30,
    min: 2 ** 20,
    max: 1024 * 2 ** 30,
  }),
  maxEdgePx: int({
    group: "work",
    says: "Longest edge of a source's windows, in pixels; a longer one fails with picture/over-limit before any decoder starts.",
    env: "OIIO_MAX_EDGE_PX",
    default: 65_535,
    min: 256,
    max: 1_000_000,
    unit: "pixels",
  }),
  maxMegapixels: int({
    group: "work",
    says: "Largest area of a source's windows, in millions of pixels; a larger one fails with picture/over-limit.",
    env: "OIIO_MAX_MEGAPIXELS",
    default: 300,
    min: 1,
    max: 100_000,
    unit: "million pixels",
  }),
  attempts: int({
    group: "work",
    says: "How often a step is tried before its element fails, where the failure may pass. Permanent failures are never tried again; an unreachable server is waited for.",
    env: "OIIO_ATTEMPTS",
    default: 5,
    min: 1,
    max: 100,
    unit: "tries",
  }),
  backoffMs: int({
    group: "work",
    says: "Wait before the second try, in milliseconds; it doubles with each further one, with jitter.",
    env: "OIIO_BACKOFF_MS",
    default: 500,
    min: 1,
    max: 600_000,
    unit: "milliseconds",
  }),
  backoffMaxMs: int({
    group: "work",
    says: "Longest wait between two tries, in milliseconds.",
    env: "OIIO_BACKOFF_MAX_MS",
    default: 30_000,
    min: 1,
    max: 3_600_000,
    unit: "milliseconds",
  }),
}
