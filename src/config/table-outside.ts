import { choice, int, path } from "./setting.ts"

/** `run --watch`. */
export const WATCH = {
  watchQuietSeconds: int({
    group: "watch",
    says: "How long a file's size and time must have been still before it is taken, in seconds.",
    env: "OIIO_WATCH_QUIET_SECONDS",
    default: 3,
    min: 1,
    max: 3600,
    unit: "seconds",
  }),
  watchPollSeconds: int({
    group: "watch",
    says: "How often the folder is listed, in seconds. Network mounts announce no changes, so listing is what finds them.",
    env: "OIIO_WATCH_POLL_SECONDS",
    default: 5,
    min: 1,
    max: 3600,
    unit: "seconds",
  }),
}

/** What is said, and where. */
export const OUTPUT = {
  logLevel: choice({
    group: "output",
    says: "Least severe log line that is written.",
    env: "OIIO_LOG_LEVEL",
    default: "info",
    choices: ["trace", "debug", "info", "warn", "error", "silent"],
  }),
  logFormat: choice({
    group: "output",
    says: "json is one object a line, text is for reading; auto is text on a terminal and json elsewhere.",
    env: "OIIO_LOG_FORMAT",
    default: "auto",
    choices: ["auto", "json", "text"],
  }),
  notifications: path<null>({
    group: "output",
    says: "File that proxy.generated and the completion events are appended to, one JSON object a line; - is standard output. Without it nobody is told.",
    env: "OIIO_NOTIFICATIONS",
    default: null,
    allowed: "a path, or - for standard output",
    isName: (value) => value === "-",
  }),
}
