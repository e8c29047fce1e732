import { sequenceRules } from "./sequence-rules.ts"
import { choice, int } from "./setting.ts"

/** Which frames are sequences, when they are complete, and what their movies show. */
export const SEQUENCES = {
  sequenceRules: sequenceRules({
    group: "sequences",
    says: "Which file names are frames of a sequence, whose movie is made; the first rule that matches decides. never: none are. usual, as without a rule: numbers at the end of a name or between dots, versions and UDIM tiles excepted. always: the last number of a name is one. A pattern such as beauty.####.exr or *_%04d.dpx: names that match it.",
  }),
  sequenceGaps: choice({
    group: "sequences",
    says: "What a movie shows in the place of frames that are missing or failed: hold, the frame before; skip, nothing; error: there is no movie before all frames are there.",
    env: "OIIO_SEQUENCE_GAPS",
    default: "hold",
    choices: ["hold", "skip", "error"],
  }),
  sequenceQuietSeconds: int({
    group: "sequences",
    says: "How long no frame of a sequence must come or go before it is taken for complete and its movie is made, in seconds. A single run over a folder does not wait: it has read all that is there.",
    env: "OIIO_SEQUENCE_QUIET_SECONDS",
    default: 60,
    min: 0,
    max: 86_400,
    unit: "seconds",
  }),
}
