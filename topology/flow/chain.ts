import type { OperatorFunction } from "rxjs"
import type { FactTopic } from "../../src/events/schemas.ts"
import type { FlowPorts } from "../ports.ts"
import type { Arrived, Passage, Step } from "./element-in-flight.ts"
import { through } from "./operators.ts"

/** What can be said of a step without running it. */
export type StepDescription = { readonly name: string; readonly says: string; readonly appends: FactTopic | null }

/** Steps in order: data that can be described, and an operator once the ports are known. */
export type Chain<In extends Arrived, Out extends Arrived, Ports extends FlowPorts> = {
  readonly steps: readonly StepDescription[]
  readonly assemble: (ports: Ports) => OperatorFunction<Passage<In>, Passage<Out>>
  readonly through: <Next extends Arrived>(step: Step<Out, Next, Ports>) => Chain<In, Next, Ports>
}

/** A chain of no step: what goes in comes out. */
export const chain = <State extends Arrived, Ports extends FlowPorts>(): Chain<State, State, Ports> =>
  extend<State, State, Ports>([], () => (passages) => passages)

function extend<In extends Arrived, Out extends Arrived, Ports extends FlowPorts>(
  steps: readonly StepDescription[],
  assemble: Chain<In, Out, Ports>["assemble"],
): Chain<In, Out, Ports> {
  return {
    steps,
    assemble,
    through: (step) =>
      extend([...steps, { name: step.name, says: step.says, appends: step.appends }], (ports) => {
        const before = assemble(ports)
        const next = through(step, ports)
        return (passages) => next(before(passages))
      }),
  }
}
