import { execFile } from "node:child_process"
import { promisify } from "node:util"

export const EXRHEADER = "/usr/bin/exrheader"

/** One attribute as exrheader prints it: its type, and its value as plain text, numbers and lists. */
export type Printed = { readonly type: string; readonly value: unknown }

/** Attributes by name, a map a part. */
export type PrintedParts = readonly ReadonlyMap<string, Printed>[]

const run = promisify(execFile)

/** What exrheader says of a file, null where it refuses it. */
export async function exrheader(path: string): Promise<PrintedParts | null> {
  try {
    // Its texts may be in any encoding: byte by byte, as ours are compared.
    const { stdout } = await run(EXRHEADER, [path], { encoding: "latin1", maxBuffer: 2 ** 28, timeout: 60_000 })
    return partsOf(stdout)
  } catch (error) {
    if (error instanceof Error && "stderr" in error && "code" in error && typeof error.code === "number") return null
    throw error
  }
}

const ATTRIBUTE = /^(.+?) \(type ([^)]*)\)(?::\s?(.*))?$/

function partsOf(output: string): PrintedParts {
  const [, ...bodies] = output.split(/^ part \d+:$|^file format version: .*$/m)
  return bodies.map(attributesOf).filter((part) => part.size > 0)
}

/** An attribute begins at the margin; what belongs to it is indented. */
function attributesOf(body: string): ReadonlyMap<string, Printed> {
  const found = new Map<string, { type: string; lines: string[] }>()
  let current: string[] = []
  for (const line of body.split("\n")) {
    const [, name, type, rest = ""] = line.startsWith(" ") ? [] : (ATTRIBUTE.exec(line) ?? [])
    if (name === undefined || type === undefined) {
      if (line.trim() !== "") current.push(line.trim())
      continue
    }
    current = rest === "" ? [] : [rest]
    found.set(name, { type, lines: current })
  }
  return new Map([...found].map(([name, { type, lines }]) => [name, { type, value: parsed(type, lines) }]))
}

/** Types whose values exrheader leaves out. */
export const UNPRINTED: ReadonlySet<string> = new Set(["m33d", "m44d", "v2d", "v3d", "floatvector", "deepImageState"])

const WORDS: Readonly<Record<string, string>> = {
  "run-length encoding": "rle",
  "zip, individual scanlines": "zips",
  "zip, multi-scanline blocks": "zip",
  "dwa, small scanline blocks": "dwaa",
  "dwa, medium scanline blocks": "dwab",
  "increasing y": "increasing",
  "decreasing y": "decreasing",
  "random y": "random",
  "latitude-longitude map": "latlong",
  "cube-face map": "cube",
  "single level": "one-level",
  "mip-map": "mipmap",
  "rip-map": "ripmap",
  "16-bit floating-point": "half",
  "32-bit floating-point": "float",
  "32-bit unsigned integer": "uint",
}

export const word = (text: string): string => WORDS[text] ?? text

const unquoted = (text: string): string => text.replace(/^"|"$/g, "")

const numbersIn = (text: string): readonly number[] =>
  [...text.matchAll(/(?<![\w.])-?(?:\d+\.?\d*(?:e[+-]?\d+)?|inf|nan)/g)].map(([number]) =>
    Number(number.replace("inf", "Infinity")),
  )

const VALUES: Readonly<Record<string, (lines: readonly string[]) => unknown>> = {
  string: (lines) => unquoted(lines.join("\n")),
  stringvector: (lines) => lines.map(unquoted),
  compression: ([text = ""]) => word(text),
  lineOrder: ([text = ""]) => word(text),
  envmap: ([text = ""]) => word(text),
  chlist: (lines) => lines.map(channel),
  tiledesc: ([mode = "", size = "", rounding = ""]) => [word(mode), ...numbersIn(size), rounding.split(" ").at(-1)],
  rational: ([text = ""]) => text.split(" ")[0]?.split("/").map(Number),
  timecode: ([time = "", ...lines]) => [
    time.replace("time ", ""),
    ...lines.slice(0, 2).flatMap((line) => [...line.matchAll(/ (\d)(?=,|$)/g)].map(([, bit]) => bit === "1")),
    Number(lines.at(-1)?.split(" ").at(-1)),
  ],
}

function parsed(type: string, lines: readonly string[]): unknown {
  if (UNPRINTED.has(type) || (lines.length === 0 && !(type in VALUES))) return null
  return (VALUES[type] ?? ((all) => numbersIn(all.join(" "))))(lines)
}

function channel(line: string): unknown {
  const [, name, type = "", x, y, linear] = /^(.*), ([^,]+), sampling (\d+) (\d+)(, plinear)?$/.exec(line) ?? []
  return [name, word(type), Number(x), Number(y), linear !== undefined]
}
