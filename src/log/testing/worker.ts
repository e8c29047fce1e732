import { elementCreated, proxyMade } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { openState } from "../../state/index.ts"
import { systemClock as clock } from "../../system/clock.ts"
import { openSqliteLog } from "../sqlite.ts"

/**
 * A process that appends arrivals and acknowledges each with a fact until it is killed. What is durable it says on
 * stdout, one line each, only after the promise: `a KEY` appended, `k KEY` acknowledged.
 */
const [folder = "", life = "0"] = process.argv.slice(2)
const state = unwrap(await openState({ folder, mode: "own", clock }))
const log = unwrap(await openSqliteLog({ state, clock }))

// One write a line: a line that is out is out, however the process ends.
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function append(): Promise<never> {
  for (let index = 0; ; index += 3) {
    const facts = [0, 1, 2].map((step) => elementCreated({ key: `${life}/${index + step}.exr` }))
    unwrap(await log.append(facts))
    for (const { value } of facts) say(`a ${value.element.key}`)
  }
}

async function acknowledge(): Promise<void> {
  const stop = new AbortController().signal
  for await (const delivery of log.deliver({ group: "renderer", topics: ["element-created"], credits: 20, stop })) {
    const { content, acknowledge: finish } = unwrap(delivery)
    if (!("fact" in content)) throw new Error("undecodable")
    const { key } = elementOf(content.fact)
    finish([proxyMade({ key }), proxyMade({ key }, { reused: true })]).then((result) => {
      unwrap(result)
      say(`k ${key}`)
    })
  }
}

say("ready")
await Promise.all([append(), acknowledge()])
