import { METADATA } from "../../src/element/profiles.ts"
import type { Output } from "../../src/events/records.generated.ts"
import { done } from "../../src/events/result.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts } from "../ports.ts"
import { readWhole } from "./fetch-source.ts"
import { placeOf } from "./head.ts"
import type { Rendered } from "./render-outputs.ts"
import type { Copied } from "./reuse-outputs.ts"

/** What a file that is no picture has none of. */
const NO_PICTURE = {
  ...{ bucket: null, colorspace: "", width: 0, height: 0 },
  ...{ pictureX: 0, pictureY: 0, pictureWidth: 0, pictureHeight: 0 },
} satisfies Partial<Output>

/**
 * Its header as a file beside its pictures. Written for each source anew, even where the pictures are copied: it names the
 * object and its time.
 */
export const describeSource: Step<Rendered | Copied, Rendered | Copied, RendererPorts> = {
  name: "describe-source",
  says: "writes what the header says for _metadata.json, where settings ask for it",
  run: async (state, ports) => {
    const { outcome, element, source } = state
    const place = placeOf(state.ref.bucket, state.claim, METADATA.name)
    if (place === null) return done({ state })
    if (ports.metadata === undefined)
      throw new Error("describe-source: settings ask for metadata, and nobody writes them")
    const { selection, colorspace, generatedAtUs } = outcome
    const { generatorVersion } = ports.policy
    const facts = { element, source, selection, colorspace, generatedAtUs, generatorVersion }
    const toFile = `${state.local.folder}/header${METADATA.suffix}`
    const { metadata } = ports
    const written = await readWhole(state, ({ file }) => metadata.write({ sourceFile: file, toFile, facts }))
    if (!written.ok) return written
    const { name, contentType, isNotified } = METADATA
    const output: Output = { ...NO_PICTURE, ...place, contentType, sizeBytes: written.value.sizeBytes }
    const pictures = outcome.furtherOutputs.filter((further) => further.name !== name)
    const described = { ...outcome, furtherOutputs: [...pictures, { name, isNotified, output }] }
    return done({ state: { ...state, outcome: described, files: { ...state.files, [name]: toFile } } })
  },
}
