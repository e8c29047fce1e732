import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"

/** A real process that runs src/store/testing/NAME.ts; what it says is its output once it has ended. */
export type Child = { readonly process: ChildProcess; readonly said: Promise<string>; readonly ended: Promise<unknown> }

export function startChild(name: string, ...given: readonly string[]): Child {
  const script = new URL(`./${name}.ts`, import.meta.url).pathname
  const child = spawn(process.execPath, [script, ...given], { stdio: ["ignore", "pipe", "inherit"] })
  return { process: child, said: text(child.stdout), ended: once(child, "close") }
}

/** Resolves when the child says its first word. */
export const firstWord = (child: Child): Promise<unknown> => once(child.process.stdout as Readable, "readable")
