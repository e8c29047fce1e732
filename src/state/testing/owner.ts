import { systemClock as clock } from "../../system/clock.ts"
import { openState } from "../index.ts"

/** A process that owns the state in argv[2] until it is killed; says `owned` or the failure's code on stdout. */
const opened = await openState({ folder: process.argv[2] ?? "", mode: "own", clock, command: "run --watch" })
process.stdout.write(opened.ok ? "owned\n" : `${opened.failure.code}\n`)
if (opened.ok) setInterval(() => opened.value.folder, 60_000)
