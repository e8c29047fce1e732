import type { Command } from "./command.ts"
import { all } from "./commands/all.ts"
import { configExplain } from "./commands/config-explain.ts"
import { contactSheet } from "./commands/contact-sheet.ts"
import { doctor } from "./commands/doctor.ts"
import { events } from "./commands/events.ts"
import { failuresList } from "./commands/failures-list.ts"
import { failuresRetry } from "./commands/failures-retry.ts"
import { ingest } from "./commands/ingest.ts"
import { inspect } from "./commands/inspect.ts"
import { looksCheck } from "./commands/looks-check.ts"
import { outputs } from "./commands/outputs.ts"
import { projector } from "./commands/projector.ts"
import { prune } from "./commands/prune.ts"
import { rebuild } from "./commands/rebuild.ts"
import { reprocess } from "./commands/reprocess.ts"
import { runCommand } from "./commands/run.ts"
import { schemasCheck } from "./commands/schemas-check.ts"
import { schemasPublish } from "./commands/schemas-publish.ts"
import { schemasRegister } from "./commands/schemas-register.ts"
import { schemasTypes } from "./commands/schemas-types.ts"
import { status } from "./commands/status.ts"
import { topicsCheck } from "./commands/topics-check.ts"
import { topicsCreate } from "./commands/topics-create.ts"
import { topology } from "./commands/topology.ts"
import { worker } from "./commands/worker.ts"

/** Every command, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  runCommand,
  outputs,
  contactSheet,
  inspect,
  status,
  failuresList,
  failuresRetry,
  reprocess,
  rebuild,
  prune,
  events,
  ingest,
  worker,
  projector,
  all,
  topology,
  schemasCheck,
  schemasTypes,
  schemasPublish,
  schemasRegister,
  topicsCreate,
  topicsCheck,
  looksCheck,
  configExplain,
  doctor,
]
