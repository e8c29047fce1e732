import type { Command } from "./command.ts"
import { configExplain } from "./commands/config-explain.ts"
import { schemasCheck } from "./commands/schemas-check.ts"
import { schemasPublish } from "./commands/schemas-publish.ts"
import { schemasTypes } from "./commands/schemas-types.ts"

/** Every command, in the order of the help text. */
export const COMMANDS: readonly Command[] = [schemasCheck, schemasTypes, schemasPublish, configExplain]
