import { outputsProblem } from "./outputs-address.ts"
import { choice, int, path, size } from "./setting.ts"

/** Which files and folders a command works with. */
export const STATE = {
  stateDir: path<never>({
    group: "state",
    says: "Folder of the event log and the tables. Without it: .oiio-proxy-generator inside the folder of frames; where that cannot be written, oiio-proxy-generator in $XDG_STATE_HOME or ~/.local/state. Must be on a local disk.",
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

const outputs = path<null>({
  group: "outputs",
  says: "Where thumbnails and proxies go instead of into .proxies/ beside the frames: another folder, or s3://bucket/prefix on servers. Below it lies a folder for each bucket (the name of the folder of frames), and in it the folders of the frames. Without it: beside the frames, or where the last run of this folder had them. The folder of frames itself stands for beside the frames. docs/outputs-elsewhere.md says what changes.",
  env: "OIIO_OUTPUTS",
  default: null,
  allowed: "a folder, or s3://bucket/prefix",
  isName: (value) => value.startsWith("s3:"),
})

/** Where outputs go. */
export const OUTPUTS = {
  outputs: {
    ...outputs,
    parse: (raw: unknown) => (outputsProblem(raw) === null ? outputs.parse(raw) : undefined),
    problem: outputsProblem,
  },
}

/** The picture tools and what they may use. */
export const TOOLS = {
  engine: choice({
    group: "tools",
    says: "What makes the pictures: in-process reads and shrinks most files itself and has oiiotool read the others; oiiotool does everything with the tools, for three times the CPU. Pictures of the one are stale for the other.",
    env: "OIIO_ENGINE",
    default: "in-process",
    choices: ["in-process", "oiiotool"],
  }),
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
  lookAhead: int({
    group: "work",
    says: "Arrivals of one topic that are looked at ahead of those under way, so that folders take turns: a few frames of one need not wait for tens of thousands of another. 0 takes them in the order of arrival.",
    env: "OIIO_LOOK_AHEAD",
    default: 65_536,
    min: 0,
    max: 90_000,
    unit: "arrivals",
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
  retentionDays: int({
    group: "work",
    says: "How long the log keeps records that no table is rebuilt from, in days. Results and failures are kept for ever.",
    env: "OIIO_RETENTION_DAYS",
    default: 30,
    min: 1,
    max: 36_500,
    unit: "days",
  }),
}
