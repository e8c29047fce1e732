import { GAP_POLICIES } from "../element/frame-ranges.ts"
import { farmRules } from "./farm-rules.ts"
import { reviewRules } from "./review-rules.ts"
import { sequenceRules } from "./sequence-rules.ts"
import { choice, int, toggle } from "./setting.ts"
import { statedSequences } from "./stated-sequences.ts"

/** Which frames are sequences, when they are complete, and what their movies show. */
export const SEQUENCES = {
  sequenceRules: sequenceRules({
    group: "sequences",
    says: "Which file names are frames of a sequence, whose movie is made; the first rule that matches decides. never: none are. usual, as without a rule: numbers at the end of a name or between dots, versions and UDIM tiles excepted. always: the last number of a name is one. A pattern such as beauty.####.exr or *_%04d.dpx: names that match it.",
  }),
  sequenceStated: statedSequences({
    group: "sequences",
    says: "What is stated beforehand of the sequences of a bucket and prefix; the first rule that matches decides. frames: those that there have to be (1001-1040,1045): as soon as they are all there, the movie is made without waiting for quiet, and it spans exactly them. firstFrame: the number that the first frame must have. rate: frames per second where the frames' headers state none (25, 24000/1001). gaps: as sequenceGaps. poster: first, middle, last or the number of a frame. sound: the name of a WAV file beside the frames, or none; beauty.wav beside beauty.1001.exr is found without.",
  }),
  farmRules: farmRules({
    group: "sequences",
    says: "Where the frames of a render farm's jobs are, so that its word that a job is complete makes the quiet period needless; the first rule that matches decides. by: opencue or deadline-cloud. show, shot, job and layer of OpenCue, farm, queue, job and step of Deadline Cloud (their ids): what the event must name, * for anything, {name} for what prefix takes over. A rule with layer or step is about these alone, one without about whole jobs. bucket, prefix: what the keys of the frames begin with, with the event's names and those taken in braces.",
  }),
  sequenceGaps: choice({
    group: "sequences",
    says: "What a movie shows in the place of frames that are missing or failed: hold, the frame before; black, a black picture; skip, nothing; error: there is no movie before all frames are there.",
    env: "OIIO_SEQUENCE_GAPS",
    default: "hold",
    choices: GAP_POLICIES,
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
  review: toggle({
    group: "sequences",
    says: "Make a review copy of every movie, beauty_review.mp4 beside it: smaller, with a slate, and with frame number, timecode, shot, version and date written over every frame. It is made of the proxies; only what changed is encoded again.",
    env: "OIIO_REVIEW",
    default: false,
  }),
  reviewCrf: int({
    group: "sequences",
    says: "Rate factor of review copies. At 25 they take a fifth of their proxies or less, and lose about half a decibel beside them.",
    env: "OIIO_REVIEW_CRF",
    default: 25,
    min: 1,
    max: 51,
    unit: "x264 rate factor",
  }),
  reviewRules: reviewRules({
    group: "sequences",
    says: "Review copies of a bucket and prefix; the first rule that matches decides. review: whether there are any. handles: frames that are left out at either end. shotFolder: which folder of the key names the shot, 1 for the first, -1 for the last; without it the files' name does. topLeft to bottomRight: what is written there, such as {shot} {version}; an empty text for nothing.",
  }),
}
