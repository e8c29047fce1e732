import { type Logger, pino } from "pino"
import type { Config } from "../config/index.ts"
import { redactor } from "../events/redaction.ts"
import { visible, visibleJson } from "../system/visible.ts"

export type { Logger } from "pino"

/** Standard error: a terminal says so, and a stream how much nobody has read yet. */
export type LogStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly writableLength?: number }

export type LoggerInput = {
  readonly config: Pick<Config, "logLevel" | "logFormat">
  readonly stderr: LogStream
  /** Values that must not appear, wherever they got into a line: see secretsOf. */
  readonly secrets: readonly string[]
  /** Takes whole lines in place of stderr, so that progress bars are not torn. */
  readonly note?: (line: string) => void
}

const MASK = "********"

/** Fields that are never shown, whatever their value. */
const REDACTED = ["password", "secret", "secretKey", "accessKey", "authorization", "token"]

const JSON_KEYS = ["level", "time", "msg"]

type Line = Readonly<Record<string, unknown>>

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text
}

function errorText(err: unknown): string {
  if (typeof err !== "object" || err === null || !("stack" in err)) return ""
  return String(err.stack)
    .split("\n")
    .map((line) => `\n    ${visible(line)}`)
    .join("")
}

/** A line for reading: time, level, message, then the fields. */
export function readable(line: Line): string {
  const time = String(line.time).slice(11, 19)
  const fields = Object.entries(line).filter(([key]) => !JSON_KEYS.includes(key) && key !== "err")
  const tail = fields.map(([key, value]) => ` ${visible(key)}=${visible(shown(value))}`).join("")
  return `${time} ${String(line.level).padEnd(5)} ${visible(String(line.msg ?? ""))}${tail}${errorText(line.err)}`
}

/** A line as pino makes it into a line as it is written, without secrets. */
function finisher(asText: boolean, secrets: readonly string[]): (line: string) => string {
  const redact = redactor(secrets)
  if (!asText) return (line) => visibleJson(redact(line.trimEnd()))
  const reviver = (_: string, value: unknown): unknown => (typeof value === "string" ? redact(value) : value)
  return (line) => readable(JSON.parse(line, reviver) as Line)
}

/** What a stalled reader of the log may leave waiting here. */
const MOST_UNREAD_BYTES = 16 * 2 ** 20

/** Lines that nobody reads must neither stop the work nor fill its memory: they are left out, and counted. */
function boundedLines(stderr: LogStream): (line: string) => void {
  let leftOut = 0
  return (line) => {
    if ((stderr.writableLength ?? 0) > MOST_UNREAD_BYTES) {
      leftOut += 1
      return
    }
    const text = leftOut === 0 ? line : `${lost(leftOut)}\n${line}`
    leftOut = 0
    stderr.write(`${text}\n`)
  }
}

const lost = (lines: number): string =>
  JSON.stringify({
    level: "warn",
    time: new Date().toISOString(),
    lines,
    msg: "log lines were left out: nobody read them",
  })

/** Structured log on stderr: one JSON object a line in services, readable on a terminal; `logFormat` may say otherwise. */
export function openLogger({ config, stderr, secrets, note }: LoggerInput): Logger {
  const asText = config.logFormat === "text" || (config.logFormat === "auto" && stderr.isTTY === true)
  const finish = finisher(asText, secrets)
  const write = note ?? boundedLines(stderr)
  const options = {
    level: config.logLevel,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: MASK },
  }
  return pino(options, {
    write: (line: string) => write(finish(line)),
  })
}
