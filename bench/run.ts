import { benchDamaged } from "./damaged.ts"
import { benchFailures } from "./failures.ts"
import { benchFrames } from "./frames.ts"
import { benchFramesBefore } from "./frames-before.ts"
import { benchInspect } from "./inspect.ts"
import { benchInspectServers } from "./inspect-servers.ts"
import { benchListing } from "./listing.ts"
import { benchMachinery } from "./machinery.ts"
import { benchOrchestration } from "./orchestration.ts"
import { benchPeers } from "./peers.ts"
import { benchPixels } from "./pixels.ts"
import { benchPlatform } from "./platform.ts"
import { benchRebuild } from "./rebuild.ts"
import { benchReview } from "./review.ts"
import { benchScaling } from "./scaling.ts"
import { benchSecondRun } from "./second-run.ts"
import { benchSequences } from "./sequences.ts"
import { benchServe } from "./serve.ts"
import { benchSheet } from "./sheet.ts"
import { benchStages } from "./stages.ts"
import { benchStartUp } from "./start-up.ts"
import { benchTiles } from "./tiles.ts"
import { benchWatch } from "./watch.ts"

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  damaged: benchDamaged,
  failures: benchFailures,
  frames: benchFrames,
  "frames-before": benchFramesBefore,
  inspect: benchInspect,
  "inspect-servers": benchInspectServers,
  listing: benchListing,
  machinery: benchMachinery,
  orchestration: benchOrchestration,
  peers: benchPeers,
  pixels: benchPixels,
  platform: benchPlatform,
  rebuild: benchRebuild,
  review: benchReview,
  scaling: benchScaling,
  "second-run": benchSecondRun,
  sequences: benchSequences,
  serve: benchServe,
  sheet: benchSheet,
  stages: benchStages,
  "start-up": benchStartUp,
  tiles: benchTiles,
  watch: benchWatch,
}

// As the command has it.
process.env.UV_THREADPOOL_SIZE ??= "16"
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`There is no bench ${unknown}. Benches: ${Object.keys(BENCHES).join(", ")}.`)
  process.exit(2)
}
for (const [name, bench] of Object.entries(BENCHES)) if (asked.length === 0 || asked.includes(name)) await bench()
