import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openTestTable } from "../../../test/driver/table.ts"
import { besideSources } from "../../element/output-places.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { openMemoryLog } from "../../log/memory.ts"
import type { RenderSettings } from "../../picture/index.ts"
import type { ObjectStore } from "../../store/index.ts"
import { systemClock } from "../../system/clock.ts"
import type { ElementRow } from "../../table/rows.ts"
import { elementRow } from "../../table/testing/rows.ts"
import type { FolderPorts } from "../listing/look.ts"
import { BUCKET } from "./messages.ts"

const clock = systemClock

/** What a listing needs, over a table of its own, and frames that are put and removed. */
export async function openListedFolder(openStore: (root: string) => Promise<ObjectStore>) {
  const folder = await mkdtemp(join(tmpdir(), "intake-"))
  const root = join(folder, BUCKET)
  await mkdir(root)
  const [table, store] = [await openTestTable(folder, clock), await openStore(root)]
  const settingsFor = () => ({ thumbnailEdgePx: 256 }) as RenderSettings
  const portsFor = (log: ReturnType<typeof openMemoryLog>): FolderPorts => ({
    ...{ store, table, clock, settingsFor, append: log.append, outputsFor: besideSources },
    picture: { recipe: 1, configHash: "0123456789abcdef" },
    queue: { log, clock, queues: [], results: { group: "projector", topics: [] } },
  })
  return {
    root,
    folder,
    store,
    portsFor,
    /** The row that a projector would have written: of another version, unless it says more. */
    knows: async (key: string, says: Partial<ElementRow> = {}) => {
      const row = elementRow({ bucket: BUCKET, key, attempt: 0, ...says })
      return unwrap(await table.merge({ proxyOutputs: [], elements: [row] }))
    },
    release: async () => {
      await table.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
