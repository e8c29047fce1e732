import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { openState } from "../state/index.ts"
import { systemClock } from "../system/clock.ts"
import { knownOutputsContract } from "./contract.ts"
import { openMemoryKnownOutputs } from "./memory.ts"
import { openSqliteKnownOutputs } from "./sqlite.ts"

knownOutputsContract("memory", async () => ({ known: openMemoryKnownOutputs(), dispose: () => Promise.resolve() }))

async function openOnDisk() {
  const folder = await mkdtemp(join(tmpdir(), "known-outputs-"))
  const state = await openState({ folder, mode: "own", clock: systemClock })
  if (!state.ok) throw new Error(state.failure.says)
  const known = await openSqliteKnownOutputs({ state: state.value })
  if (!known.ok) throw new Error(known.failure.says)
  const dispose = async (): Promise<void> => {
    state.value.close()
    await rm(folder, { recursive: true })
  }
  return { known: known.value, dispose }
}

knownOutputsContract("sqlite", openOnDisk)

it("in memory forgets the oldest names where there are too many", async () => {
  const known = openMemoryKnownOutputs({ mostRemembered: 2 })
  for (const name of ["a", "b", "c"]) await known.remember(name, { bucket: "show", stem: name })
  const places = await Promise.all(["a", "b", "c"].map((pictureKey) => known.find(pictureKey)))
  expect(places.map((found) => found.ok && found.value.length)).toEqual([0, 1, 1])
})
