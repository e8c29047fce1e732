import { join } from "node:path"
import { openState } from "../../src/state/index.ts"
import type { Clock } from "../../src/system/clock.ts"
import type { Table } from "../../src/table/index.ts"
import { openSqliteTable } from "../../src/table/sqlite.ts"

/** The real table, in a state of its own: the topology's log is in memory, its rows are not. */
export async function openTestTable(folder: string, clock: Clock): Promise<Table> {
  const state = await openState({ folder: join(folder, "state"), mode: "own", clock })
  if (!state.ok) throw new Error(state.failure.says)
  const table = openSqliteTable({ state: state.value })
  await table.ensure()
  return {
    ...table,
    close: async () => {
      await table.close()
      state.value.close()
    },
  }
}
