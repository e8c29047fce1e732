import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inChild } from "./processes.ts"
import type { Rebuilding } from "./rebuild-child.ts"
import { heading, megabytes, row, target } from "./report.ts"

const FEW = 100_000
const MANY = 1_000_000

/** Rebuilds of few and of many facts, each in a process of its own: time, and the memory at its peak. */
export async function benchRebuild(): Promise<void> {
  heading("rebuild: the tables anew from ProxyMade facts in SQLite")
  const few = await rebuilds(FEW)
  const many = await rebuilds(MANY)
  for (const [name, small, big] of [
    ["dropped tables", few.dropped, many.dropped],
    ["full tables", few.full, many.full],
  ] as const) {
    target({ what: `${MANY} facts, ${name}`, measured: big.seconds, unit: "s", atMost: 45 })
    row("  peak memory, MB", `${megabytes(small.peakBytes)} -> ${megabytes(big.peakBytes)}`, `at ${FEW} and at ${MANY}`)
    target({ what: "  ratio of the two", measured: big.peakBytes / small.peakBytes, unit: "x", atMost: 1.3, digits: 2 })
  }
}

/** First into dropped tables, then beside full ones, which have to be compared. */
async function rebuilds(facts: number): Promise<{ readonly dropped: Rebuilding; readonly full: Rebuilding }> {
  const folder = await mkdtemp(join(tmpdir(), "bench-rebuild-"))
  await inChild("rebuild-child.ts", "fill", folder, String(facts))
  const dropped = await inChild<Rebuilding>("rebuild-child.ts", "rebuild", folder, String(facts))
  const full = await inChild<Rebuilding>("rebuild-child.ts", "rebuild", folder, String(facts))
  await rm(folder, { recursive: true, force: true })
  return { dropped, full }
}
