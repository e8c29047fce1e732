import type { Passed } from "./machinery-child.ts"
import { inChild } from "./processes.ts"
import { heading, median, megabytes, row, target } from "./report.ts"

const ELEMENTS = 50_000
const COMPARED = 20_000
const TURNS = 3

/** The machinery alone: arrivals through all topics to rows in SQLite, durable, with a stub in place of pictures. */
export async function benchMachinery(): Promise<void> {
  heading(`machinery: ${ELEMENTS} elements through all topics and both groups, SQLite, every commit on disk`)
  const { cpuSeconds, wallSeconds, residentBytes } = await passed(ELEMENTS, "alone")
  target({ what: "elements a second", measured: ELEMENTS / wallSeconds, unit: "/s", atLeast: 2000, digits: 0 })
  row("CPU per element", `${((cpuSeconds / ELEMENTS) * 1e6).toFixed(0)} us`, `${wallSeconds.toFixed(1)} s in all`)
  const [first = 0] = residentBytes
  row("memory at each tenth, MB (RSS)", residentBytes.map(megabytes).join(" "))
  target({
    what: "memory at the end / at the first tenth",
    measured: (residentBytes.at(-1) ?? 0) / first,
    unit: "x",
    atMost: 1.3,
    digits: 2,
  })
  await compared()
}

/** What sequences and their movies take, turn about, since machines are slower at times. */
async function compared(): Promise<void> {
  const [alone, beside]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < TURNS; turn++) {
    alone.push((await passed(COMPARED, "no sequences")).cpuSeconds)
    beside.push((await passed(COMPARED, "sequences")).cpuSeconds)
  }
  const each = (seconds: readonly number[]): string => `${((median(seconds) / COMPARED) * 1e6).toFixed(0)} us`
  row("CPU per element, without sequences", each(alone), `${COMPARED} elements`)
  row("CPU per element, with them and their movies", each(beside), "100 movies, none of them stitched")
  const lost = 1 - median(alone) / median(beside)
  target({ what: "elements a CPU second that are lost", measured: lost * 100, unit: "%", atMost: 10 })
}

const passed = (elements: number, what: "alone" | "no sequences" | "sequences"): Promise<Passed> =>
  inChild<Passed>("machinery-child.ts", String(elements), what)
